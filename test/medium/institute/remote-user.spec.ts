import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { Group, GroupMember } from '../../../src/common/groups/group.entity';
import { Identity } from '../../../src/common/identities/identity.entity';
import { User } from '../../../src/common/users/user.entity';
import { ProbeRoutes } from '../../probe-routes';
import { until } from '../../until';
import { mainOf, startTestWebApp, TestBrowser, type TestWebApp } from '../../web-app';

const NGINX = '/usr/sbin/nginx';
const SITE = 'lab.test';
/** From where nginx comes; everything else on this machine comes from 127.0.0.1. */
const PROXY = '127.0.0.2';

/** A real nginx that asks another server who somebody is, as `auth_request` does, and says so in headers. */
describe('the log-in by REMOTE_USER', () => {
  let web: TestWebApp;
  let nginx: ChildProcess;
  let judge: Server;
  let folder: string;
  let proxied: number;
  /** Who is logged in at the proxy, by a cookie of its own. */
  const people: Record<string, { user: string; mail: string; groups: string }> = {
    one: { user: 'mia', mail: 'mia@lab.test', groups: 'staff; heads' },
    two: { user: 'tom', mail: 'tom@lab.test', groups: '' },
  };

  beforeAll(async () => {
    if (!existsSync(NGINX)) throw new Error(`${NGINX} is missing (Debian: nginx-light)`);
    web = await startTestWebApp(
      {
        PUBLIC_URL: `http://${SITE}`,
        REMOTE_USER_HEADER: 'X-Remote-User',
        REMOTE_USER_PROXIES: PROXY,
        REMOTE_USER_TITLE: 'the Campus',
        REMOTE_USER_EMAIL_HEADER: 'X-Remote-Mail',
        REMOTE_USER_GROUPS_HEADER: 'X-Remote-Groups',
        REMOTE_USER_LOGOUT: '/Shibboleth.sso/Logout',
        INSTITUTE_GROUPS: 'Staff=staff',
        TRUST_PROXY: 'loopback',
      },
      [ProbeRoutes],
    );
    judge = createServer((request, response) => {
      const person = people[/who=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''];
      if (person) response.setHeader('X-User', person.user).setHeader('X-Mail', person.mail).setHeader('X-Groups', person.groups);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(judge, 'listening');
    folder = mkdtempSync(join(tmpdir(), 'showrunner-nginx-'));
    proxied = await freePort();
    nginx = spawn(NGINX, ['-c', configure(), '-p', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    await until(async () => (await fetch(`http://127.0.0.1:${proxied}/healthz`).catch(() => null)) !== null, 10_000);
  }, 60_000);
  afterAll(async () => {
    nginx?.kill('SIGQUIT');
    judge?.close();
    await web?.close();
    if (nginx && nginx.exitCode === null && nginx.signalCode === null) await once(nginx, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  /** As docs/institute-log-in.md has it; without the last three lines a browser could say who it is. */
  function configure(): string {
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
    const { port } = judge.address() as AddressInfo;
    const site = `
      server {
        listen 127.0.0.1:${proxied};
        location = /who { internal; proxy_pass http://127.0.0.1:${port}; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
        location / {
          auth_request /who;
          auth_request_set $user $upstream_http_x_user;
          auth_request_set $mail $upstream_http_x_mail;
          auth_request_set $groups $upstream_http_x_groups;
          proxy_bind ${PROXY};
          proxy_pass http://127.0.0.1:${web.port};
          proxy_set_header Host $host;
          proxy_set_header X-Remote-User $user;
          proxy_set_header X-Remote-Mail $mail;
          proxy_set_header X-Remote-Groups $groups;
        }
      }`;
    const path = join(folder, 'nginx.conf');
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    writeFileSync(
      path,
      `daemon off; ${user} pid ${folder}/pid; error_log ${folder}/error.log; events {}\nhttp { access_log off; ${places}\n${site}\n}\n`,
    );
    return path;
  }

  const rows = () => web.app.get(DataSource);
  const isIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;
  const throughProxy = (who?: string) => {
    const browser = new TestBrowser(proxied, '', SITE);
    if (who) browser.cookies.set('who', who);
    return browser;
  };
  const userOf = async (subject: string) => {
    const identity = await rows().getRepository(Identity).findOneByOrFail({ subject });
    return rows().getRepository(User).findOneByOrFail({ id: identity.userId });
  };

  it('lets in whom the proxy names, with address and groups, after one press', async () => {
    const browser = throughProxy('one');
    expect(mainOf(await browser.get('/login?next=/projects'))).toContain('Log in as mia');
    const answer = await browser.get('/login/proxy?next=/projects');
    expect([answer.status, answer.location, await isIn(browser)]).toEqual([303, '/projects', true]);
    const made = await userOf('mia');
    expect(made).toMatchObject({ email: 'mia@lab.test', displayName: 'mia', isAdmin: false, passwordHash: null });
    const { id } = await rows().getRepository(Group).findOneByOrFail({ name: 'Staff' });
    expect(await rows().getRepository(GroupMember).existsBy({ groupId: id, userId: made.id })).toBe(true);
    expect((await browser.postForm('/logout')).location).toBe('/login/left?by=proxy');
    expect(mainOf(await browser.get('/login/left?by=proxy'))).toContain('href="/Shibboleth.sso/Logout"');
  });

  it('says so to whom the proxy has not named, and shows the other ways', async () => {
    const browser = throughProxy();
    expect(mainOf(await browser.get('/login'))).toContain('Log in with the Campus');
    const answer = await browser.get('/login/proxy');
    expect([answer.status, await isIn(browser)]).toEqual([403, false]);
    expect(mainOf(answer)).toMatch(/did not say who you are[^]*name="password"/);
  });

  it('goes by what the proxy says, whatever the browser sends', async () => {
    const spoofs = {
      'x-remote-user': 'eve',
      'X-REMOTE-USER': 'eve',
      x_remote_user: 'eve',
      'x-remote_user': 'eve',
      'x-remote-mail': 'eve@evil.test',
    };
    for (const [name, value] of Object.entries(spoofs)) {
      const anonymous = throughProxy();
      expect([name, (await anonymous.get('/login/proxy', { [name]: value })).status]).toEqual([name, 403]);
      const known = throughProxy('two');
      expect((await known.get('/login/proxy', { [name]: value })).status).toBe(303);
    }
    expect(await userOf('tom')).toMatchObject({ email: 'tom@lab.test' });
    expect(await rows().getRepository(Identity).existsBy({ subject: 'eve' })).toBe(false);
  });

  it('ends a session at once when the proxy names somebody else', async () => {
    const browser = throughProxy('one');
    await browser.get('/login/proxy');
    expect(await isIn(browser)).toBe(true);
    browser.cookies.set('who', 'two');
    expect(await isIn(browser)).toBe(false);
    await browser.get('/login/proxy');
    expect((JSON.parse((await browser.get('/probe/person')).body) as { id: string }).id).toBe((await userOf('tom')).id);
    // A proxy that protects the log-in alone names nobody on other pages.
    browser.cookies.delete('who');
    expect(await isIn(browser)).toBe(true);
  });

  it('believes no header of an address that is not listed, whoever that says it is', async () => {
    const lies: Record<string, string>[] = [{}, { 'x-forwarded-for': PROXY }, { forwarded: `for=${PROXY}` }, { 'x-real-ip': PROXY }];
    for (const more of lies) {
      const browser = web.browser(SITE);
      const headers = { 'x-remote-user': 'mia', ...more };
      expect(mainOf(await browser.get('/login', headers))).toContain('Log in with the Campus');
      expect((await browser.get('/login/proxy', headers)).status).toBe(403);
      expect(await isIn(browser)).toBe(false);
    }
    // It ends no session either.
    const own = web.browser(SITE);
    await own.signUp();
    expect((await own.get('/probe/person', { 'x-remote-user': 'eve' })).status).toBe(200);
  });

  it('believes no listed proxy that passes on what it got: two headers, a list, nothing, or what is no name', async () => {
    const statuses: [string[], number][] = [];
    for (const sent of [
      ['eve', 'mia'],
      ['mia', 'mia'],
      ['eve, mia'],
      ['eve;mia'],
      ['mia eve'],
      [''],
      ['(null)'],
      ['m\u0080ia'],
      ['x'.repeat(256)],
    ])
      statuses.push([sent, await fromProxy(sent.flatMap((name) => ['X-Remote-User', name]))]);
    expect(statuses.filter(([, status]) => status !== 403)).toEqual([]);
    expect(await fromProxy(['X-Remote-User', 'mia', 'X-Remote-Mail', 'mia@lab.test', 'X-Remote-Mail', 'admin@lab.test'])).toBe(403);
    expect(await fromProxy(['X_Remote_User', 'mia'])).toBe(403);
    expect(await fromProxy(['X_Remote_User', 'eve', 'X-Remote-User', 'mia'])).toBe(303);
    expect(await rows().getRepository(Identity).existsBy({ subject: 'eve' })).toBe(false);
  });

  /** A request of the proxy with headers as they are. @returns its status. */
  function fromProxy(headers: string[]): Promise<number> {
    return new Promise((resolve, reject) => {
      const all = ['Host', SITE, 'Accept', 'text/html', ...headers];
      const asked = {
        host: '127.0.0.1',
        port: web.port,
        path: '/login/proxy',
        localAddress: PROXY,
        headers: all as never,
        agent: false as const,
      };
      httpRequest(asked, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  }

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    return port;
  }
});
