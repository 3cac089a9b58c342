import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { AppConfig } from '../../../src/common/config/app-config';
import { User } from '../../../src/common/users/user.entity';
import { makeOldInstallation, type OldInstallation } from '../../old-installation';
import { mainOf, startTestWebApp, type TestWebApp } from '../../web-app';

describe('take-over into installations of other settings', () => {
  let old: OldInstallation;

  beforeAll(async () => {
    old = await makeOldInstallation();
    await old.addPerson('ada', { id: '9007199254740993', email: null });
    await old.addPerson('adb', { id: '9007199254740992', email: null });
    old.addProject('9007199254740993', 'Spleen', { 'a.txt': 'a' });
    old.addProject('adb', 'Liver', { 'b.txt': 'b' });
  }, 120_000);
  afterAll(() => old?.close());

  type TakeOver = (...options: string[]) => Promise<string>;

  async function within(settings: Record<string, string>, test: (web: TestWebApp, takeOver: TakeOver) => Promise<void>): Promise<void> {
    const web = await startTestWebApp(settings);
    const testing = Test.createTestingModule({ imports: [AdminModule] });
    const context = await testing.overrideProvider(AppConfig).useValue(web.database.config).compile();
    try {
      await test(web, (...options) => parseCommand(['take-over', old.folder, `--database=${old.database}`, ...options])(context));
    } finally {
      await context.close();
      await web.close();
    }
  }

  const accounts = (web: TestWebApp) => web.app.get(DataSource).getRepository(User).countBy({ kind: 'account' });

  it('moves nothing from one file system to another, and says what to do', async () => {
    const elsewhere = `/dev/shm/showrunner-${process.pid}`;
    await within({ FILES_ROOT: elsewhere }, async (web, takeOver) => {
      const sentence = `than FILES_ROOT (${elsewhere}, on /dev/shm). Nothing is copied: set FILES_ROOT to a folder on theirs`;
      expect(await takeOver('--domain=lab.test')).toContain(sentence);
      await expect(takeOver('--domain=lab.test', '--go')).rejects.toThrow(sentence);
      expect(existsSync(join(old.projects, 'adb', 'Liver', 'b.txt'))).toBe(true);
      expect(await accounts(web)).toBe(0);
    });
  });

  it('leaves passwords to an external table, whose people go on logging in by name and find their projects', async () => {
    // It is not there yet.
    const filesRoot = join(old.folder, 'data', 'showrunner');
    const external = { EXTERNAL_USERS_URL: old.database, EXTERNAL_USERS_ID: 'id', EXTERNAL_USERS_ACTIVE: 'is_active' };
    await within({ ...external, FILES_ROOT: filesRoot }, async (web, takeOver) => {
      expect(await takeOver('--go')).toContain('2 people got an account, 2 projects were moved');
      expect(await takeOver('--go')).toContain('0 people got an account, 0 projects were moved');
      const browser = web.browser();
      expect((await browser.postForm('/login', { email: 'ada', password: 'the words of ada' })).status).toBe(303);
      const projects = mainOf(await browser.get('/projects'));
      expect(projects).toContain('Spleen');
      expect(projects).not.toContain('Liver');
      expect(await accounts(web)).toBe(2);
    });
  });
});
