import { Readable } from 'node:stream';
import { Test, type TestingModule } from '@nestjs/testing';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { AccountLinks } from '../../../src/common/account-links/account-links';
import { DataSource } from 'typeorm';
import { AppConfig } from '../../../src/common/config/app-config';
import { User } from '../../../src/common/users/user.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { ProbeRoutes } from '../../probe-routes';

describe('node dist/admin', () => {
  let web: TestWebApp;
  let context: TestingModule;
  let person: TestBrowser;

  beforeAll(async () => {
    web = await startTestWebApp({ DEMO_USERLIST: 'demo@example.org' }, [ProbeRoutes]);
    const testing = Test.createTestingModule({ imports: [AdminModule] });
    context = await testing.overrideProvider(AppConfig).useValue(web.database.config).compile();
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    await context?.close();
    await web?.close();
  });

  /** Through the words of the command line, on a connection of its own beside the running web process. */
  const admin = async (words: string[]) => parseCommand(words)(context);
  const typed = (line: string) => {
    const stdin = Readable.from([line]);
    jest.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as unknown as typeof process.stdin);
  };

  it('says so when there is nobody yet', async () => {
    expect(await admin(['list-users'])).toBe('Nobody has signed up yet.');
  });

  it('makes an administrator of an account, at once and for its open sessions', async () => {
    person = web.browser();
    await person.signUp('mira@example.org');
    expect((await person.get('/probe/admin')).status).toBe(403);
    expect(await admin(['make-admin', ' Mira@Example.org'])).toBe('mira@example.org is an administrator now.');
    expect((await person.get('/probe/admin')).status).toBe(200);
    expect(await admin(['make-admin', 'mira@example.org'])).toContain('is an administrator already.');
  });

  it('lists accounts, and no guests', async () => {
    await web.browser().signUp('anna@example.org');
    await web.browser().enterAsGuest();
    expect(await admin(['list-users'])).toMatch(
      /^administrator {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC {2}mira@example\.org {2}\(address not confirmed\)\nperson {9}[^\n]+ {2}anna@example\.org {2}\(/,
    );
    await admin(['confirm', 'anna@example.org']);
    expect(await admin(['list-users'])).toMatch(/anna@example\.org$/);
  });

  it('lists who leaves, and keeps them as long as nothing is deleted', async () => {
    const leaver = web.browser();
    await leaver.signUp('leaver@example.org');
    const lineOf = async () => (await admin(['list-users'])).split('\n').find((line) => line.includes('leaver@example.org'));
    expect(await admin(['keep-account', 'leaver@example.org'])).toContain('has not asked for the end of the account');
    await leaver.postForm('/account/delete', { current: 'a few good words' });
    expect(await lineOf()).toMatch(/\(address not confirmed, leaves since \d{4}-\d\d-\d\d\)$/);
    expect(await admin(['keep-account', 'leaver@example.org'])).toMatch(/^leaver@example\.org stays\./);
    expect(await lineOf()).not.toContain('leaves');
    expect((await leaver.postForm('/login', { email: 'leaver@example.org', password: 'a few good words' })).status).toBe(303);
    await web.app.get(DataSource).getRepository(User).update({ email: 'leaver@example.org' }, { leavingMs: 1, removingMs: 1 });
    expect(await lineOf()).toContain('is being deleted');
    await expect(admin(['keep-account', 'leaver@example.org'])).rejects.toThrow('It is too late');
  });

  it('sets a random password, prints it, and ends the sessions of that account alone', async () => {
    const anna = web.browser();
    await anna.postForm('/login', { email: 'anna@example.org', password: 'a few good words' });
    const links = context.get(AccountLinks, { strict: false });
    const mira = await web.app.get(UsersRepository, { strict: false }).findByEmail('mira@example.org');
    const asked = await links.make('move', mira!.id, 'thief@example.org');
    const printed = await admin(['reset-password', 'mira@example.org']);
    // What somebody asked for who knew the old one.
    expect((await links.open(asked.split('/').at(-1)!)).fault).toBe('replaced');
    const password = /New password of mira@example\.org: (\S+)\n1 session of mira@example\.org ended\./.exec(printed)?.[1];
    expect((await person.get('/probe/person')).status).toBe(303);
    expect((await anna.get('/probe/person')).status).toBe(200);
    const log = (words: string) => web.browser().postForm('/login', { email: 'mira@example.org', password: words });
    expect((await log('a few good words')).status).toBe(422);
    expect((await log(password!)).status).toBe(303);
  });

  it('reads a password from standard input without printing it', async () => {
    typed('one line of words\n');
    expect(await admin(['reset-password', '--stdin', 'mira@example.org'])).not.toContain('one line of words');
    expect((await web.browser().postForm('/login', { email: 'mira@example.org', password: 'one line of words' })).status).toBe(303);
  });

  it('refuses a password that the sign-up page would refuse', async () => {
    typed('short');
    await expect(admin(['reset-password', 'mira@example.org', '--stdin'])).rejects.toThrow('5 of at least 8 characters.');
  });

  it('gives an account another address, under which alone it logs in', async () => {
    await web.browser().signUp('old@example.org', 'words of the mover');
    expect(await admin(['change-address', 'old@example.org', 'New@Example.org'])).toBe('old@example.org is new@example.org now.');
    const status = async (email: string) => (await web.browser().postForm('/login', { email, password: 'words of the mover' })).status;
    expect([await status('old@example.org'), await status('new@example.org')]).toEqual([422, 303]);
    await expect(admin(['change-address', 'new@example.org', 'anna@example.org'])).rejects.toThrow(
      'anna@example.org has an account already.',
    );
    await expect(admin(['change-address', 'new@example.org', 'nonsense'])).rejects.toThrow();
    expect(await admin(['change-address', 'new@example.org', 'demo@example.org'])).toContain('It is a demo account');
    expect(await admin(['change-address', 'demo@example.org', 'new@example.org'])).toContain('It is no longer a demo account');
  });

  it.each([
    [[], /Say what to do/],
    [['frobnicate'], /There is no command frobnicate/],
    [['make-admin'], /needs one email address/],
    [['make-admin', 'a@x.org', 'b@x.org'], /needs one email address/],
    [['make-admin', '--stdin', 'a@x.org'], /There is no option --stdin/],
    [['reset-password', 'a@x.org', '--force'], /There is no option --force/],
    [['change-address', 'a@x.org'], /needs the address of an account, and the new one/],
    [['list-users', 'a@x.org'], /takes no words/],
    [['make-admin', 'nobody@example.org'], /There is no account with the address nobody@example.org/],
    [['reset-password', "' OR 1=1 --"], /There is no account/],
  ])('answers %j in one line', async (words, line) => {
    await expect(admin(words)).rejects.toThrow(line);
    await expect(admin(words)).rejects.toMatchObject({ name: 'StartupError', message: expect.not.stringContaining('\n') as string });
  });

  it('ends with 65 where there is no such account, as its help says', async () => {
    await expect(admin(['make-admin', 'nobody@example.org'])).rejects.toMatchObject({ exitStatus: 65 });
  });
});
