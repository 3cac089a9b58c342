import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { AppConfig } from '../../../src/common/config/app-config';
import { User } from '../../../src/common/users/user.entity';
import { follow, linkIn, linkTo, mailsTo, UNREACHED_MAIL } from '../../account-links';
import { ProbeRoutes } from '../../probe-routes';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const PASSWORD = 'a few good words';

/** What `node dist/admin` prints for these words, on the database of a web process. */
async function admin(web: TestWebApp, ...words: string[]): Promise<string> {
  const testing = Test.createTestingModule({ imports: [AdminModule] });
  const context = await testing.overrideProvider(AppConfig).useValue(web.database.config).compile();
  try {
    return await parseCommand(words)(context);
  } finally {
    await context.close();
  }
}

const isLoggedIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;
const userOf = (web: TestWebApp, email: string) => web.app.get(DataSource).getRepository(User).findOneByOrFail({ email });

describe('signing up with an address of certain domains', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    const rule = { SIGN_UP: 'domains', SIGN_UP_DOMAINS: 'Lab.example.org, *.example.edu' };
    web = await startTestWebApp({ ...UNREACHED_MAIL, ...rule }, [ProbeRoutes]);
  });
  afterAll(() => web?.close());

  it('is refused to others, and the pages say whose it is', async () => {
    for (const path of ['/', '/login', '/signup']) expect((await web.browser().get(path)).body).toContain('lab.example.org, *.example.edu');
    for (const email of ['x@example.org', 'x@evil-lab.example.org', 'x@example.edu', 'x@lab.example.org.evil.test']) {
      const answer = await web.browser().postForm('/signup', { email, password: PASSWORD });
      expect([answer.status, mainOf(answer)]).toEqual([422, expect.stringContaining('Only addresses of lab.example.org')]);
    }
  });

  it('needs the link that was sent there before anybody can log in', async () => {
    const browser = web.browser();
    const email = 'mira@bio.example.edu';
    const sent = await browser.postForm('/signup', { email, password: PASSWORD });
    expect([sent.status, mainOf(sent)]).toEqual([200, expect.stringContaining(`on its way to ${email}`)]);
    expect(await isLoggedIn(browser)).toBe(false);
    const first = await linkTo(web, email, 'confirm');

    const early = await browser.postForm('/login', { email, password: PASSWORD });
    expect([early.status, mainOf(early)]).toEqual([422, expect.stringContaining('Confirm your address first')]);
    expect(mainOf(await browser.postForm('/login', { email, password: 'wrong words' }))).toContain('Email or password is wrong');
    expect((await browser.get(first)).status).toBe(410);

    expect((await follow(browser, await linkTo(web, email, 'confirm'), { current: PASSWORD })).status).toBe(200);
    expect((await browser.postForm('/login', { email, password: PASSWORD })).status).toBe(303);
    expect(await isLoggedIn(browser)).toBe(true);
  });

  it('takes nothing from a guest, who finds everything again after the link', async () => {
    const guest = web.browser();
    await guest.enterAsGuest();
    const { id } = await web.app.get(DataSource).getRepository(User).findOneByOrFail({ kind: 'guest' });
    const email = 'guest@lab.example.org';
    await guest.postForm('/signup', { email, password: PASSWORD });
    expect(await isLoggedIn(guest)).toBe(false);
    await follow(guest, await linkTo(web, email, 'confirm'), { current: PASSWORD });
    await guest.postForm('/login', { email, password: PASSWORD });
    expect((await userOf(web, email)).id).toBe(id);
    expect(await isLoggedIn(guest)).toBe(true);
  });

  it('is proved as well by the link for a new password, and by an administrator', async () => {
    for (const [email, prove] of [
      ['a@lab.example.org', async () => void (await admin(web, 'confirm', 'a@lab.example.org'))],
      [
        'b@lab.example.org',
        async () => {
          await web.browser().postForm('/forgot', { email: 'b@lab.example.org' });
          await follow(web.browser(), await linkTo(web, 'b@lab.example.org', 'reset'), { password: PASSWORD });
        },
      ],
    ] as const) {
      await web.browser().postForm('/signup', { email, password: PASSWORD });
      await prove();
      expect((await web.browser().postForm('/login', { email, password: PASSWORD })).status).toBe(303);
    }
  });
});

it('a link for a new password that was passed on does not spare the proof of the address', async () => {
  const web = await startTestWebApp({ ...UNREACHED_MAIL, VERIFY_EMAIL: 'on' }, [ProbeRoutes]);
  try {
    const email = 'typed@example.org';
    await web.browser().postForm('/signup', { email, password: PASSWORD });
    const browser = web.browser();
    const link = linkIn(await admin(web, 'reset-link', email));
    const sent = await follow(browser, link, { password: 'words from paper' });
    expect([sent.status, mainOf(sent)]).toEqual([200, expect.stringContaining(`on its way to ${email}`)]);
    expect(await isLoggedIn(browser)).toBe(false);
    await follow(browser, await linkTo(web, email, 'confirm'), { current: 'words from paper' });
    expect((await browser.postForm('/login', { email, password: 'words from paper' })).status).toBe(303);
  } finally {
    await web.close();
  }
});

describe('signing up by invitation', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({ SIGN_UP: 'invitation', CONTACT_EMAIL: 'core@example.org', PUBLIC_URL: 'http://localhost' }, [
      ProbeRoutes,
    ]);
  });
  afterAll(() => web?.close());

  const invite = async (email: string) => linkIn(await admin(web, 'invite', email));

  it('is said on every page about it, and nobody gets in without', async () => {
    for (const path of ['/', '/login', '/signup']) {
      const { body } = await web.browser().get(path);
      expect(body).toContain('Accounts are by invitation');
      expect(body).toContain('mailto:core@example.org');
    }
    expect((await web.browser().get('/signup')).body).not.toContain('name="password"');
    for (const invitation of ['', 'x', 'A'.repeat(43)]) {
      const answer = await web.browser().postForm('/signup', { email: 'x@example.org', password: PASSWORD, invitation });
      expect([answer.status, mainOf(answer)]).toEqual([422, expect.stringContaining('Accounts are by invitation')]);
    }
  });

  it('works once, for the address that was invited', async () => {
    const link = await invite(' New.Person@example.org');
    const browser = web.browser();
    const page = mainOf(await browser.get(link));
    expect(page).toMatch(/value="new\.person@example\.org"[^>]* readonly/);
    const fields = { invitation: link.slice('/link/'.length), email: 'somebody.else@example.org', password: PASSWORD };
    expect((await browser.postForm('/signup', { ...fields, password: 'short' })).status).toBe(422);
    expect((await browser.postForm('/signup', fields)).status).toBe(303);
    expect(await isLoggedIn(browser)).toBe(true);
    // The administrator vouches for the address.
    expect((await userOf(web, 'new.person@example.org')).confirmedMs).not.toBeNull();
    expect((await web.browser().postForm('/signup', fields)).status).toBe(422);
    const again = await web.browser().get(link);
    expect([again.status, mainOf(again)]).toEqual([410, expect.stringContaining('ask for a new invitation')]);
    await expect(admin(web, 'invite', 'new.person@example.org')).rejects.toThrow('has an account already');
  });

  it('spends no invitation for an address that has an account by now', async () => {
    const link = await invite('meanwhile@example.org');
    await admin(web, 'change-address', 'new.person@example.org', 'meanwhile@example.org');
    const fields = { invitation: link.slice('/link/'.length), password: PASSWORD };
    const taken = await web.browser().postForm('/signup', fields);
    expect([taken.status, mainOf(taken)]).toEqual([422, expect.stringContaining('There is an account with this address already.')]);
    expect((await web.browser().get(link)).status).toBe(200);
    await admin(web, 'change-address', 'meanwhile@example.org', 'new.person@example.org');
    expect((await web.browser().postForm('/signup', fields)).status).toBe(303);
  });

  it('ends with a newer invitation, and no other link is one', async () => {
    const older = await invite('twice@example.org');
    const newer = await invite('twice@example.org');
    expect((await web.browser().get(older)).status).toBe(410);
    expect((await web.browser().get(newer)).status).toBe(200);
    const reset = linkIn(await admin(web, 'reset-link', 'new.person@example.org'));
    const fields = { invitation: reset.slice('/link/'.length), email: 'x@example.org', password: PASSWORD };
    expect((await web.browser().postForm('/signup', fields)).status).toBe(422);
  });

  it('lets an administrator pass on the link for a new password where no mail is sent', async () => {
    const page = mainOf(await web.browser().get('/forgot'));
    expect(page).toContain('Ask the administrator for one');
    expect(page).not.toContain('<form');
    expect((await web.browser().postForm('/forgot', { email: 'new.person@example.org' })).status).toBe(200);
    expect(await mailsTo(web, 'new.person@example.org', 'reset')).toEqual([]);
    const link = linkIn(await admin(web, 'reset-link', 'new.person@example.org'));
    expect((await follow(web.browser(), link, { password: 'words from paper' })).status).toBe(303);
    expect((await web.browser().postForm('/login', { email: 'new.person@example.org', password: 'words from paper' })).status).toBe(303);
  });
});

describe('where nobody may sign up', () => {
  it('the pages say so, and an invitation works all the same', async () => {
    const web = await startTestWebApp({ SIGN_UP: 'closed', ALLOW_GUESTS: 'off', PUBLIC_URL: 'http://localhost' }, [ProbeRoutes]);
    try {
      for (const path of ['/', '/login', '/signup']) {
        const { body } = await web.browser().get(path);
        expect(body).toContain('No new accounts are made here');
        expect(body).not.toContain('href="/signup"');
      }
      expect((await web.browser().postForm('/signup', { email: 'x@example.org', password: PASSWORD })).status).toBe(422);
      const link = linkIn(await admin(web, 'invite', 'first@example.org'));
      const browser = web.browser();
      const answer = await browser.postForm('/signup', { invitation: link.slice('/link/'.length), password: PASSWORD });
      expect([answer.status, await isLoggedIn(browser)]).toEqual([303, true]);
    } finally {
      await web.close();
    }
  });
});
