import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { AppConfig } from '../../../src/common/config/app-config';
import { User } from '../../../src/common/users/user.entity';
import { makeOldInstallation } from '../../old-installation';
import { mainOf, startTestWebApp } from '../../web-app';

it('leaves passwords to an external table, whose people go on logging in by name and find their projects', async () => {
  const old = await makeOldInstallation();
  const filesRoot = join(old.folder, 'data', 'showrunner');
  mkdirSync(filesRoot);
  const external = { EXTERNAL_USERS_URL: old.database, EXTERNAL_USERS_ID: 'id', EXTERNAL_USERS_ACTIVE: 'is_active' };
  const web = await startTestWebApp({ ...external, FILES_ROOT: filesRoot });
  const testing = Test.createTestingModule({ imports: [AdminModule] });
  const context = await testing.overrideProvider(AppConfig).useValue(web.database.config).compile();
  try {
    await old.addPerson('ada', { id: '9007199254740993', email: null });
    await old.addPerson('adb', { id: '9007199254740992', email: null });
    old.addProject('9007199254740993', 'Spleen', { 'a.txt': 'a' });
    old.addProject('adb', 'Liver', { 'b.txt': 'b' });
    const takeOver = () => parseCommand(['take-over', old.folder, `--database=${old.database}`, '--go'])(context);
    expect(await takeOver()).toContain('2 people got an account, 2 projects were moved');
    expect(await takeOver()).toContain('0 people got an account, 0 projects were moved');
    const browser = web.browser();
    expect((await browser.postForm('/login', { email: 'ada', password: 'the words of ada' })).status).toBe(303);
    const projects = mainOf(await browser.get('/projects'));
    expect(projects).toContain('Spleen');
    expect(projects).not.toContain('Liver');
    expect(await web.app.get(DataSource).getRepository(User).countBy({ kind: 'account' })).toBe(2);
  } finally {
    await context.close();
    await web.close();
    await old.close();
  }
}, 120_000);
