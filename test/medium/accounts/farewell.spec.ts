import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { CleanerModule } from '../../../src/cleaner/cleaner.module';
import { CleaningService } from '../../../src/cleaner/cleaning.service';
import { LeavingRepository } from '../../../src/common/cleaning/leaving.repository';
import { AccountEnd } from '../../../src/common/account-end/account-end';
import { AccountLinks } from '../../../src/common/account-links/account-links';
import { AppConfig } from '../../../src/common/config/app-config';
import { MirrorsRepository } from '../../../src/common/external-users/mirrors.repository';
import { OutboxRepository } from '../../../src/common/mail/outbox.repository';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { User } from '../../../src/common/users/user.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { PasswordChange } from '../../../src/web/accounts/password-change';
import { ShareLinks } from '../../../src/web/shares/share-links';
import { follow, linkTo, mailsTo, UNREACHED_MAIL } from '../../account-links';
import { aNewRun } from '../../factories';
import { ProbeRoutes } from '../../probe-routes';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { aRunner } from '../queue/queue-stage';

const PASSWORD = 'a few good words';
const DAY_MS = 86_400_000;

describe('the end of an account', () => {
  let web: TestWebApp;
  let cleaner: TestingModule;
  let inbox: string;

  beforeAll(async () => {
    inbox = mkdtempSync(join(tmpdir(), 'inbox-'));
    web = await startTestWebApp(
      { ...UNREACHED_MAIL, INBOX_DIR: inbox, INBOX_PER_USER: 'on', FIRST_ACCOUNT_IS_ADMIN: 'on', DEMO_USERLIST: 'demo@example.org' },
      [ProbeRoutes],
    );
    const testing = Test.createTestingModule({ imports: [CleanerModule] });
    cleaner = await testing.overrideProvider(AppConfig).useValue(web.database.config).compile();
  });
  afterAll(async () => {
    await cleaner?.close();
    await web?.close();
    rmSync(inbox, { recursive: true });
  });

  const users = () => web.app.get(DataSource).getRepository(User);
  const isLoggedIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;
  const leave = (browser: TestBrowser, current = PASSWORD) => browser.postForm('/account/delete', { current });

  /** Somebody with a project, a file in it, a run that waits, a link for others, and a folder in the inbox. */
  async function somebody() {
    const browser = web.browser();
    const { email } = await browser.signUp();
    const { id } = await users().findOneByOrFail({ email });
    await users().update({ id }, { confirmedMs: 1 });
    const project = await web.app.get(ProjectCreation, { strict: false }).create(id, 'Spleen');
    const file = join(web.database.config.filesRoot, id, project.id, 'a.txt');
    writeFileSync(file, 'mine');
    const own = join(inbox, 'people', email);
    mkdirSync(own, { recursive: true });
    const { runId } = await web.app.get(QueueStore, { strict: false }).enqueue(aNewRun({ projectId: project.id, ownerId: id }));
    const { secret } = await web.app.get(ShareLinks, { strict: false }).make({ projectId: project.id, runId: null, note: '', days: '7' });
    return { browser, email, id, file, own, runId, link: `/shared/${secret}` };
  }

  it('is refused to the last administrator', async () => {
    const root = web.browser();
    await root.signUp('root@example.org');
    const refused = await leave(root);
    expect([refused.status, mainOf(refused)]).toEqual([422, expect.stringContaining('You are the only administrator')]);
    expect(await isLoggedIn(root)).toBe(true);
    const second = web.browser();
    await second.signUp('second@example.org');
    await users().update({ email: 'second@example.org' }, { isAdmin: true });
    const both = await Promise.all([leave(root), leave(second)]);
    expect(both.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect((await users().findBy({ isAdmin: true })).filter(({ leavingMs }) => leavingMs === null).length).toBeGreaterThanOrEqual(1);
  });

  it('is refused as well where the other administrators could steer nothing', async () => {
    const sure = web.browser();
    await sure.signUp('sure@example.org');
    const [sole, demo, gone] = await Promise.all(
      ['sure@example.org', 'Demo@example.org', 'gone@example.org'].map(async (email) => {
        if (!email.startsWith('sure')) await web.browser().signUp(email);
        return users().findOneByOrFail({ email: email.toLowerCase() });
      }),
    );
    const before = await users().findBy({ isAdmin: true });
    await users().update({ isAdmin: true }, { isAdmin: false });
    for (const { id } of [sole, demo, gone]) await users().update({ id }, { isAdmin: true });
    const mirrors = web.app.get(MirrorsRepository, { strict: false });
    await mirrors.add(gone.id, 'gone', 'gone');
    await mirrors.markEnded(gone.id);
    const refused = await leave(sure);
    expect([refused.status, mainOf(refused)]).toEqual([422, expect.stringContaining('You are the only administrator')]);
    await mirrors.markActive(gone.id, 'gone');
    expect((await leave(sure)).status).toBe(200);
    for (const { id } of before) await users().update({ id }, { isAdmin: true });
  });

  it('says what goes, asks for the password, and stops all that goes on', async () => {
    const { browser, email, id, file, runId, link } = await somebody();
    const page = mainOf(await browser.get('/account/delete'));
    expect(page).toMatch(/1 project [^]*1 run that waits or goes on[^]*1 link [^]*For 7 days you can take it back/);
    expect((await leave(browser, 'wrong words')).status).toBe(422);
    expect(await isLoggedIn(browser)).toBe(true);
    await browser.postForm('/forgot', { email });
    const reset = await linkTo(web, email, 'reset');

    const left = await leave(browser);
    expect([left.status, mainOf(left)]).toEqual([200, expect.stringContaining('Your account ends.')]);
    expect(await isLoggedIn(browser)).toBe(false);
    expect((await web.app.get(RunsRepository, { strict: false }).find(runId))?.state).toBe('cancelled');
    expect((await web.browser().get(link)).status).toBe(404);
    expect([await mailsTo(web, email, 'reset'), (await mailsTo(web, email, 'leaving')).length]).toEqual([[], 1]);
    expect((await follow(web.browser(), reset, { password: 'other words here' })).status).toBe(410);
    // What is there stays, for as long as it can be taken back.
    await cleaner.get(CleaningService).clean();
    expect([existsSync(file), (await users().findOneByOrFail({ id })).leavingMs]).toEqual([true, expect.any(Number)]);
  });

  it('is taken back by logging in, with the password and a word', async () => {
    const { browser, email, id } = await somebody();
    await leave(browser);
    const asked = await browser.postForm('/login', { email, password: PASSWORD });
    expect([asked.status, mainOf(asked)]).toEqual([422, expect.stringContaining('This account is deleted within 7 days')]);
    expect(mainOf(asked)).toContain('name="stay"');
    expect((await browser.postForm('/login', { email, password: 'wrong words', stay: 'yes' })).status).toBe(422);
    expect((await users().findOneByOrFail({ id })).leavingMs).not.toBeNull();
    expect((await browser.postForm('/login', { email, password: PASSWORD, stay: 'yes' })).status).toBe(303);
    expect([await isLoggedIn(browser), (await users().findOneByOrFail({ id })).leavingMs]).toEqual([true, null]);
  });

  it('is carried on by the cleaner where it was broken off, and spares what was asked for since', async () => {
    const { browser, email, id, runId, link } = await somebody();
    const confirm = await web.app.get(AccountLinks, { strict: false }).make('confirm', id, email);
    const start = await web.browser().get(link);
    expect(start.status).toBe(303);
    // Killed after the first step.
    const leavingMs = await web.app.get(UsersRepository, { strict: false }).leave(id);
    expect([await isLoggedIn(browser), (await web.browser().get(link)).status]).toEqual([false, 404]);
    await browser.postForm('/forgot', { email });
    const reset = await linkTo(web, email, 'reset');
    const clean = () => cleaner.get(CleaningService).clean();
    expect(await clean()).toBe(0);
    expect((await web.app.get(RunsRepository, { strict: false }).find(runId))?.state).toBe('cancelled');
    const { manager } = web.app.get(DataSource);
    expect(await manager.query('SELECT 1 FROM sessions WHERE user_id = ?', [id])).toEqual([]);
    expect(await manager.query('SELECT 1 FROM shares s JOIN projects p ON p.id = s.project_id WHERE p.owner_id = ?', [id])).toEqual([]);
    expect((await web.app.get(AccountLinks, { strict: false }).open(confirm.split('/').at(-1)!)).fault).toBe('replaced');
    expect(await cleaner.get(AccountEnd).findUnclosed()).toEqual([]);
    // Who has forgotten the password may think better of it as well.
    expect(await mailsTo(web, email, 'reset')).toHaveLength(1);
    expect((await follow(web.browser(), reset, { password: 'other words here' })).location).toBe('/login');
    expect((await users().findOneByOrFail({ id })).leavingMs).toBe(leavingMs);
    expect((await browser.postForm('/login', { email, password: 'other words here', stay: 'yes' })).status).toBe(303);
  });

  it('takes nothing from whoever thinks better of it while it is carried on', async () => {
    const { browser, email, id, runId, link } = await somebody();
    const leavingMs = await web.app.get(UsersRepository, { strict: false }).leave(id);
    const [unclosed] = (await cleaner.get(AccountEnd).findUnclosed()).filter((one) => one.id === id);
    expect((await browser.postForm('/login', { email, password: PASSWORD, stay: 'yes' })).status).toBe(303);
    await cleaner.get(AccountEnd).close(unclosed);
    expect([unclosed.leavingMs, await isLoggedIn(browser), (await web.browser().get(link)).status]).toEqual([leavingMs, true, 303]);
    expect((await web.app.get(RunsRepository, { strict: false }).find(runId))?.cancelRequestedMs).toBeNull();
  });

  it('cannot be taken back once the cleaner is at it, whichever way somebody comes', async () => {
    const { browser, email, id, file } = await somebody();
    await browser.postForm('/forgot', { email });
    const earlier = await linkTo(web, email, 'reset');
    await leave(browser);
    await browser.postForm('/forgot', { email });
    const reset = await linkTo(web, email, 'reset');
    expect((await web.browser().get(reset)).status).toBe(200);
    // Killed after its first step, and longer away from then on.
    const leaving = cleaner.get(LeavingRepository);
    expect(await leaving.lockOut(id, Date.now() + 1000)).toBe(true);
    for (const link of [earlier, reset]) expect((await follow(web.browser(), link, { password: 'other words here' })).status).not.toBe(303);
    await web.app.get(PasswordChange, { strict: false }).set({ id, email }, 'other words here', null);
    expect(await users().findOneByOrFail({ id })).toMatchObject({ passwordHash: null, removingMs: expect.any(Number) });
    expect(await web.app.get(UsersRepository, { strict: false }).stay(id)).toBe(false);
    const count = (await mailsTo(web, email, 'reset')).length;
    await browser.postForm('/forgot', { email });
    expect(await mailsTo(web, email, 'reset')).toHaveLength(count);
    expect(await cleaner.get(CleaningService).clean()).toBe(0);
    expect([existsSync(file), await users().findOneBy({ id })]).toEqual([false, null]);
  });

  it('takes everything some days later, and leaves no mail, name or file', async () => {
    const { browser, email, id, file, own } = await somebody();
    const other = await somebody();
    await web.app.get(MirrorsRepository, { strict: false }).add(id, `key of ${id}`, email);
    await web.app.get(AccountLinks, { strict: false }).make('invite', null, email);
    await leave(browser);
    const { manager } = web.app.get(DataSource);
    await manager.query('UPDATE mails SET sent_ms = created_ms WHERE recipient = ?', [email]);
    await users().update({ id }, { leavingMs: Date.now() - 8 * DAY_MS });
    expect(await cleaner.get(CleaningService).clean()).toBe(0);
    expect([existsSync(file), existsSync(join(file, '..', '..')), existsSync(own)]).toEqual([false, false, false]);
    expect([existsSync(other.file), existsSync(other.own)]).toEqual([true, true]);
    for (const [table, column, value] of [
      ['users', 'id', id],
      ['projects', 'owner_id', id],
      ['queue', 'owner_id', id],
      ['sessions', 'user_id', id],
      ['account_links', 'user_id', id],
      ['account_links', 'email', email],
      ['external_users', 'name', email],
      ['mails', 'recipient', email],
    ]) {
      expect([table, await manager.query(`SELECT 1 FROM ${table} WHERE ${column} = ?`, [value])]).toEqual([table, []]);
    }
    expect((await browser.postForm('/login', { email, password: PASSWORD, stay: 'yes' })).status).toBe(422);
    await browser.signUp(email);
    expect((await users().findOneByOrFail({ email })).id).not.toBe(id);
  });

  it('waits for a run that cannot be cancelled at once, and sends no mail about it', async () => {
    const { browser, email, id, file, runId } = await somebody();
    const store = web.app.get(QueueStore, { strict: false });
    const runner = aRunner('busy');
    await store.registerRunner(runner);
    const claimed = (await store.claim(runner, 100)).find((run) => run.id === runId)!;
    await leave(browser);
    await users().update({ id }, { leavingMs: Date.now() - 8 * DAY_MS });
    // What a request under way asked for a moment later is cancelled as well.
    const late = await store.enqueue(aNewRun({ ownerId: id }));
    await cleaner.get(CleaningService).clean();
    expect((await web.app.get(RunsRepository, { strict: false }).find(late.runId))?.state).toBe('cancelled');
    expect(existsSync(file)).toBe(true);
    expect(await store.cancelStarting({ runId, fence: claimed.fence })).toBe(true);
    await cleaner.get(CleaningService).clean();
    expect(existsSync(file)).toBe(false);
    expect(await web.app.get(OutboxRepository, { strict: false }).findDue(1000)).not.toContainEqual(
      expect.objectContaining({ recipient: email, kind: 'finished' }),
    );
  });
});
