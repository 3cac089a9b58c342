import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { ProjectMembersRepository } from '../../../src/common/members/project-members.repository';
import { PipelineSettings } from '../../../src/common/pipeline-settings/pipeline-settings';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { User } from '../../../src/common/users/user.entity';
import { API_ROUTE } from '../../../src/web/api/contract/api-route';
import { ACCESS_RULE } from '../../../src/web/http/access/access.decorator';
import { AUDITED, NOT_AUDITED } from '../../../src/web/http/audit/audited.decorator';
import { ShareLinks } from '../../../src/web/shares/share-links';
import { aNewRun } from '../../factories';
import { routesOf } from '../../routes';
import { startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

/** `reader` and `runner` are named by the owner of the project. */
type Persona = 'anonymous' | 'guest' | 'owner' | 'other' | 'reader' | 'runner' | 'administrator' | 'demo';
type Outcome = 'passes' | 'must log in' | 'finds nothing' | 'is refused' | 'only looks';
type Row = Record<Exclude<Persona, 'demo'>, Outcome>;

const everybody: Row = {
  anonymous: 'passes',
  guest: 'passes',
  owner: 'passes',
  other: 'passes',
  reader: 'passes',
  runner: 'passes',
  administrator: 'passes',
};
const nobody: Row = {
  anonymous: 'finds nothing',
  guest: 'finds nothing',
  owner: 'finds nothing',
  other: 'finds nothing',
  reader: 'finds nothing',
  runner: 'finds nothing',
  administrator: 'finds nothing',
};
const persons: Row = { ...everybody, anonymous: 'must log in' };
const hidden = 'finds nothing';
const accounts: Row = { ...everybody, anonymous: 'must log in', guest: 'is refused' };
const refused = 'is refused';
const ownersProject: Row = {
  anonymous: 'must log in',
  guest: hidden,
  owner: 'passes',
  other: hidden,
  reader: refused,
  runner: refused,
  administrator: hidden,
};
const runnersProject: Row = { ...ownersProject, runner: 'passes' };
/** Those of others are nobody's but the owner's. */
const ownersUpload: Row = { ...runnersProject, runner: hidden };
const keepersProject: Row = { ...ownersProject, administrator: 'passes' };
const readersProject: Row = { ...keepersProject, reader: 'passes', runner: 'passes' };
const membersProject: Row = { ...ownersProject, owner: hidden, reader: 'passes', runner: 'passes' };
const administrators: Row = { ...persons, guest: refused, owner: refused, other: refused, reader: refused, runner: refused };
const readersRun: Row = { ...persons, guest: refused, other: refused };
/** The run is one that the owner of the project has asked for. */
const ownersRun: Row = { ...readersRun, reader: refused, runner: refused };

/** What runs are asked for with, so that their images have something to show. */
const FILE = { name: 'image', type: 'file', label: 'Image' } as never;
const VIEW = { title: 'Cells', kind: 'layers' as const, layers: [{ glob: 'a.tif', as: 'image' as const, opacity: 1, visible: true }] };
const OF_IMAGES = /\/(viewer|picture)\/\*path$/;
const OF_VIEWS = /\/(viewer|picture)$/;

const NO_PROJECTS = ['00000000-0000-4000-8000-000000000000', 'x', "'", '%00', '..%2f..', '%2e%2e', '1', 'A'.repeat(300)];
const NO_RUNS = ['999999', '0', '-1', '1e3', '0x1', '1.0', '01', '99999999999999999999', 'x', '%00', "1'", '%E2%91%A0'];

/** The first, and two others in turn: one place reads the name for all routes, and each name is tried on many of them. */
function some(names: readonly string[], route: string): string[] {
  const turn = Object.keys(EXPECTED).indexOf(route);
  return [names[0], names[1 + (turn % (names.length - 1))], names[1 + ((turn + 3) % (names.length - 1))]];
}

/** Methods that change nothing. */
const LOOKS = new Set([RequestMethod.GET, RequestMethod.HEAD, RequestMethod.OPTIONS]);

const TUS = { 'tus-resumable': '1.0.0' };

/** What each person may do, route by route: written down here a second time on purpose. A new route needs its line. */
const EXPECTED: Record<string, Row> = {
  'GET /': everybody,
  'GET /healthz': everybody,
  'GET /readyz': everybody,
  'GET /metrics': nobody,
  'GET /signup': everybody,
  'POST /signup': everybody,
  'GET /forgot': everybody,
  'POST /forgot': everybody,
  'GET /link/:token': everybody,
  'POST /link': everybody,
  'GET /login': everybody,
  'POST /login': everybody,
  // Where no such log-in is set up.
  'GET /login/oidc': nobody,
  'GET /login/oidc/callback': nobody,
  'POST /login/oidc/back-channel-logout': nobody,
  'GET /login/proxy': nobody,
  'GET /login/join': everybody,
  'POST /login/join': everybody,
  'GET /login/left': everybody,
  'POST /logout': everybody,
  'POST /guest': everybody,
  'POST /theme': everybody,
  'POST /language': everybody,
  'GET /account': accounts,
  'POST /account/name': accounts,
  'POST /account/password': accounts,
  'POST /account/address': accounts,
  'POST /account/mails': accounts,
  'POST /account/confirm': accounts,
  'POST /account/sessions/end': accounts,
  'POST /account/sessions/others': accounts,
  'POST /account/identities/remove': accounts,
  'GET /account/export': accounts,
  'GET /account/tokens': accounts,
  'POST /account/tokens': accounts,
  'POST /account/tokens/revoke-all': accounts,
  'POST /account/tokens/:token/revoke': accounts,
  'POST /account/tokens/:token/restore': accounts,
  'GET /account/delete': accounts,
  'POST /account/delete': accounts,
  'GET /admin': administrators,
  'GET /admin/people': administrators,
  'GET /admin/disk': administrators,
  'GET /admin/disk/export': administrators,
  'GET /admin/audit': administrators,
  'GET /admin/audit/export': administrators,
  'GET /admin/people/:person': administrators,
  'POST /admin/people/:person/administrator': administrators,
  'POST /admin/people/:person/no-administrator': administrators,
  'POST /admin/people/:person/suspend': administrators,
  'POST /admin/people/:person/unsuspend': administrators,
  'POST /admin/people/:person/confirm': administrators,
  'POST /admin/people/:person/reset-link': administrators,
  'POST /admin/people/:person/sessions/end': administrators,
  'POST /admin/people/:person/keep': administrators,
  'POST /admin/people/:person/delete': administrators,
  'POST /admin/people/:person/quotas': administrators,
  'GET /admin/groups/:group/limits': administrators,
  'POST /admin/groups/:group/limits': administrators,
  'GET /admin/groups': administrators,
  'POST /admin/groups': administrators,
  'GET /admin/groups/:group': administrators,
  'POST /admin/groups/:group': administrators,
  'POST /admin/groups/:group/members': administrators,
  'POST /admin/groups/:group/members/remove': administrators,
  'POST /admin/groups/:group/delete': administrators,
  'GET /admin/pipelines': administrators,
  'GET /admin/pipelines/:pipeline': administrators,
  'POST /admin/pipelines/:pipeline/state': administrators,
  'POST /admin/pipelines/:pipeline/access': administrators,
  'POST /admin/pipelines/:pipeline/renamed': administrators,
  'POST /admin/pipelines/:pipeline/gone': administrators,
  'GET /help': everybody,
  'GET /help/api': everybody,
  'GET /help/api/:area': everybody,
  'GET /queue': persons,
  'GET /events': persons,
  'GET /runners': administrators,
  'GET /admin/runners': administrators,
  'POST /admin/runners/mode': administrators,
  'POST /admin/runners/remove': administrators,
  'GET /admin/queue': administrators,
  'POST /admin/queue/steer': administrators,
  'POST /admin/queue/place': administrators,
  'POST /admin/queue/hold': administrators,
  'POST /admin/queue/release': administrators,
  'GET /admin/mail': administrators,
  'POST /admin/mail/retry': administrators,
  'POST /admin/mail/drop': administrators,
  'POST /admin/mail/test': administrators,
  'GET /admin/cleaner': administrators,
  'POST /admin/cleaner/keep': administrators,
  'POST /admin/cleaner/let-go': administrators,
  'GET /expiring/:token': everybody,
  'POST /expiring': everybody,
  'GET /projects': persons,
  'POST /projects': persons,
  'GET /projects/:project': readersProject,
  'GET /projects/:project/show': readersProject,
  'GET /space': persons,
  'POST /space/measure': persons,
  'GET /projects/:project/space': keepersProject,
  'GET /projects/:project/checksum/*path': readersProject,
  'GET /projects/:project/checksums.txt': readersProject,
  'POST /projects/:project/files/checksum': readersProject,
  'GET /projects/:project/files/*path': readersProject,
  'POST /projects/:project/files': runnersProject,
  'GET /projects/:project/uploads': runnersProject,
  'OPTIONS /projects/:project/uploads': runnersProject,
  'POST /projects/:project/uploads/folders': runnersProject,
  'POST /projects/:project/uploads/:upload/discard': ownersUpload,
  'POST /projects/:project/uploads': runnersProject,
  'HEAD /projects/:project/uploads/:upload': ownersUpload,
  'PATCH /projects/:project/uploads/:upload': ownersUpload,
  'DELETE /projects/:project/uploads/:upload': ownersUpload,
  'POST /projects/:project/files/delete': ownersProject,
  'POST /projects/:project/files/restore': ownersProject,
  'POST /projects/:project/files/extract': ownersProject,
  'GET /projects/:project/shares': ownersProject,
  'POST /projects/:project/shares': ownersProject,
  'POST /projects/:project/shares/:share/revoke': ownersProject,
  'POST /projects/:project/shares/:share/restore': ownersProject,
  'POST /projects/:project/members': ownersProject,
  'POST /projects/:project/members/:member/role': ownersProject,
  'POST /projects/:project/members/:member/remove': ownersProject,
  'POST /projects/:project/leave': membersProject,
  'GET /projects/:project/shared': readersProject,
  'GET /shared/:secret': everybody,
  'GET /projects/:project/zip': readersProject,
  'POST /projects/:project/zip': readersProject,
  'POST /projects/:project/files/folder': runnersProject,
  'POST /projects/:project/files/rename': ownersProject,
  'POST /projects/:project/files/move': ownersProject,
  'POST /projects/:project/files/copy': ownersProject,
  'POST /projects/:project/files/layout': readersProject,
  'GET /projects/:project/view/*path': readersProject,
  'GET /projects/:project/documents/*path': readersProject,
  'GET /projects/:project/thumbnails/*path': readersProject,
  'GET /projects/:project/viewer/*path': readersProject,
  'GET /projects/:project/tiles/picture/*path': readersProject,
  'GET /projects/:project/tiles/:what/files/*path': readersProject,
  'GET /projects/:project/inbox': ownersProject,
  'POST /projects/:project/inbox': ownersProject,
  'GET /projects/:project/trash': keepersProject,
  'POST /projects/:project/trash/restore': ownersProject,
  'POST /projects/:project/trash/empty': ownersProject,
  'GET /projects/:project/tasks': readersProject,
  'POST /projects/:project/tasks/:task/cancel': ownersProject,
  'POST /projects/:project/tasks/:task/dismiss': ownersProject,
  'GET /projects/:project/settings': ownersProject,
  'POST /projects/:project/rename': ownersProject,
  'POST /projects/:project/delete': ownersProject,
  'GET /projects/:project/run': runnersProject,
  'POST /projects/:project/run': runnersProject,
  'GET /projects/:project/run/:pipeline': runnersProject,
  'POST /projects/:project/run/:pipeline': runnersProject,
  'POST /projects/:project/run/:pipeline/preview': runnersProject,
  'GET /projects/:project/run/:pipeline/files/:field': runnersProject,
  'GET /projects/:project/run/:pipeline/sources/:source': runnersProject,
  'GET /projects/:project/run/:pipeline/sources/:source/all': runnersProject,
  'POST /projects/:project/run/:pipeline/sources/:source/known': runnersProject,
  'POST /projects/:project/run/:pipeline/presets': runnersProject,
  'POST /projects/:project/run/:pipeline/presets/back': runnersProject,
  'POST /projects/:project/run/:pipeline/presets/new': runnersProject,
  'POST /projects/:project/run/:pipeline/presets/:preset/delete': runnersProject,
  'POST /projects/:project/run/:pipeline/presets/:preset/restore': runnersProject,
  'GET /projects/:project/run/:pipeline/schedule': runnersProject,
  'POST /projects/:project/run/:pipeline/schedule': runnersProject,
  'GET /projects/:project/schedules': readersProject,
  'POST /projects/:project/schedules': runnersProject,
  'GET /projects/:project/schedules/:schedule': readersProject,
  'GET /projects/:project/schedules/:schedule/change': runnersProject,
  'POST /projects/:project/schedules/:schedule': runnersProject,
  'POST /projects/:project/schedules/:schedule/pause': runnersProject,
  'POST /projects/:project/schedules/:schedule/resume': runnersProject,
  'POST /projects/:project/schedules/:schedule/delete': runnersProject,
  'POST /projects/:project/schedules/:schedule/restore': runnersProject,
  'GET /projects/:project/webhooks': ownersProject,
  'POST /projects/:project/webhooks': ownersProject,
  'GET /projects/:project/webhooks/:webhook': ownersProject,
  'POST /projects/:project/webhooks/:webhook': ownersProject,
  'POST /projects/:project/webhooks/:webhook/secret': ownersProject,
  'POST /projects/:project/webhooks/:webhook/pause': ownersProject,
  'POST /projects/:project/webhooks/:webhook/resume': ownersProject,
  'POST /projects/:project/webhooks/:webhook/delete': ownersProject,
  'POST /projects/:project/webhooks/:webhook/restore': ownersProject,
  'POST /projects/:project/webhooks/:webhook/test': ownersProject,
  'POST /projects/:project/webhooks/:webhook/again': ownersProject,
  'GET /admin/pipelines/:pipeline/webhooks': administrators,
  'POST /admin/pipelines/:pipeline/webhooks': administrators,
  'GET /admin/pipelines/:pipeline/webhooks/:webhook': administrators,
  'POST /admin/pipelines/:pipeline/webhooks/:webhook': administrators,
  'POST /admin/pipelines/:pipeline/webhooks/:webhook/secret': administrators,
  'POST /admin/pipelines/:pipeline/webhooks/:webhook/pause': administrators,
  'POST /admin/pipelines/:pipeline/webhooks/:webhook/resume': administrators,
  'POST /admin/pipelines/:pipeline/webhooks/:webhook/delete': administrators,
  'POST /admin/pipelines/:pipeline/webhooks/:webhook/restore': administrators,
  'POST /admin/pipelines/:pipeline/webhooks/:webhook/test': administrators,
  'POST /admin/pipelines/:pipeline/webhooks/:webhook/again': administrators,
  'GET /projects/:project/sweeps/:sweep': readersProject,
  'POST /projects/:project/sweeps/:sweep/cancel': runnersProject,
  'POST /projects/:project/sweeps/:sweep/requeue': runnersProject,
  'GET /projects/:project/compare': readersProject,
  'GET /projects/:project/compare/table': readersProject,
  'GET /projects/:project/compare/viewer': readersProject,
  'GET /runs/:run': readersRun,
  'GET /runs/:run/look': readersRun,
  'GET /runs/:run/log': readersRun,
  'GET /runs/:run/log/rows': readersRun,
  'GET /runs/:run/log/search': readersRun,
  'GET /runs/:run/log/file': readersRun,
  'GET /runs/:run/events': readersRun,
  'GET /runs/:run/files/*path': readersRun,
  'GET /runs/:run/table/*path': readersRun,
  'GET /runs/:run/views/*path': readersRun,
  'GET /runs/:run/report/*path': readersRun,
  'GET /runs/:run/plot/*path': readersRun,
  'GET /runs/:run/documents/*path': readersRun,
  'GET /runs/:run/open/*path': readersRun,
  'GET /report-content/:token/*path': everybody,
  'OPTIONS /report-content/:token/*path': everybody,
  'GET /shared-file/:token/*path': everybody,
  'OPTIONS /shared-file/:token/*path': everybody,
  'GET /runs/:run/viewer': readersRun,
  'GET /runs/:run/viewer/*path': readersRun,
  'GET /runs/:run/tiles/picture': readersRun,
  'GET /runs/:run/tiles/picture/*path': readersRun,
  'GET /runs/:run/tiles/row/*path': readersRun,
  'GET /runs/:run/tiles/:what/results/*path': readersRun,
  'GET /runs/:run/tiles/:what/inputs/:parameter/:index': readersProject,
  'GET /runs/:run/zip': readersRun,
  'GET /runs/:run/crate': readersRun,
  'GET /runs/:run/checksums': readersRun,
  'GET /runs/:run/share': ownersProject,
  'POST /runs/:run/share': ownersProject,
  'POST /runs/:run/again': runnersProject,
  'POST /runs/:run/cancel': ownersRun,
  'POST /runs/:run/requeue': ownersRun,
  'POST /runs/:run/front': administrators,
  'POST /runs/:run/lost': administrators,
  'POST /runs/:run/keep': ownersRun,
};

/** What a link to a run opens for people without an account; a link to its project opens these as well as those below. */
const OPENED_BY_RUN_LINKS = new Set([
  'GET /runs/:run',
  'GET /runs/:run/look',
  'GET /runs/:run/log',
  'GET /runs/:run/log/rows',
  'GET /runs/:run/log/search',
  'GET /runs/:run/log/file',
  'GET /runs/:run/files/*path',
  'GET /runs/:run/table/*path',
  'GET /runs/:run/viewer',
  'GET /runs/:run/viewer/*path',
  'GET /runs/:run/tiles/picture',
  'GET /runs/:run/tiles/picture/*path',
  'GET /runs/:run/tiles/row/*path',
  'GET /runs/:run/tiles/:what/results/*path',
  'GET /runs/:run/views/*path',
  'GET /runs/:run/report/*path',
  'GET /runs/:run/plot/*path',
  'GET /runs/:run/documents/*path',
  'GET /runs/:run/zip',
  'GET /runs/:run/crate',
  'GET /runs/:run/checksums',
]);
const OPENED_BY_PROJECT_LINKS = new Set([
  ...OPENED_BY_RUN_LINKS,
  'GET /projects/:project/shared',
  'GET /projects/:project/files/*path',
  'GET /projects/:project/viewer/*path',
  'GET /projects/:project/tiles/picture/*path',
  'GET /projects/:project/tiles/:what/files/*path',
  'GET /runs/:run/tiles/:what/inputs/:parameter/:index',
  'GET /projects/:project/zip',
]);

/** Forms that are questions, and those of everybody: all that somebody with a demo account may send. */
const SENT_BY_DEMOS = new Set([
  ...Object.keys(EXPECTED).filter((route) => EXPECTED[route] === everybody),
  'POST /projects/:project/zip',
  'POST /projects/:project/files/layout',
  'POST /projects/:project/run/:pipeline/preview',
  'POST /projects/:project/run/:pipeline/sources/:source/known',
]);

/** What somebody with a demo account gets of projects and runs of their own. */
function outcomeOfDemo(route: string, { owner }: Row): Outcome {
  // Of uploads they have none that somebody could ask about.
  if (route.startsWith('HEAD ')) return 'finds nothing';
  const changes = !/^(GET|OPTIONS) /.test(route) && !SENT_BY_DEMOS.has(route);
  return owner === 'passes' && changes ? 'only looks' : owner;
}

describe('access', () => {
  let web: TestWebApp;
  const browsers = new Map<Persona, TestBrowser>();
  const ids = new Map<Persona, string>();
  let slides = 0;
  const visitors = new Map<string, { cookies: Map<string, string>; project: string; run: string }>();

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'administrator@example.org', DEMO_USERLIST: 'Demo@example.org' });
    for (const persona of ['anonymous', 'guest', 'owner', 'other', 'reader', 'runner', 'administrator', 'demo'] as const)
      browsers.set(persona, await enter(persona));
    // Which nobody but administrators may run.
    await web.app.get(PipelineSettings, { strict: false }).setAccess('fasta-stats', 'administrators', 'a test');
  });
  afterAll(() => web?.close());

  async function enter(persona: Persona): Promise<TestBrowser> {
    const browser = web.browser();
    const users = web.app.get(DataSource).getRepository(User);
    if (persona === 'guest') {
      const before = new Set((await users.find()).map((user) => user.id));
      await browser.enterAsGuest();
      ids.set('guest', (await users.find()).find((user) => !before.has(user.id))!.id);
    } else if (persona !== 'anonymous') {
      const email = `${persona}@example.org`;
      const password = 'a few good words';
      if (await users.existsBy({ email })) await browser.postForm('/login', { email, password });
      else await browser.signUp(email, password);
      ids.set(persona, (await users.findOneByOrFail({ email })).id);
    }
    return browser;
  }

  /** What requests use that change nothing, or do not get so far. */
  let untouched: ReturnType<typeof things> | undefined;
  /** The same for somebody with a demo account, who changes nothing. */
  let ofDemo: ReturnType<typeof things> | undefined;

  /** A new project and run of the owner, so that no request meets what an earlier one has left. */
  async function things(owner: Persona = 'owner'): Promise<{ project: string; run: number }> {
    const { app, database } = web;
    const project = await app.get(ProjectCreation).create(ids.get(owner)!, `Slide ${(slides += 1)}`);
    const shown = { manifest: { parameters: [FILE], views: [VIEW] }, parameters: { image: 'project:a.txt' } };
    const { runId } = await app.get(QueueStore).enqueue(aNewRun({ projectId: project.id, ownerId: project.ownerId, ...shown }));
    for (const [persona, role] of [
      ['reader', 'read'],
      ['runner', 'run'],
    ] as const)
      await app.get(ProjectMembersRepository, { strict: false }).add({
        id: randomUUID(),
        projectId: project.id,
        kind: 'person',
        subject: ids.get(persona)!,
        label: `${persona}@example.org`,
        role,
      });
    const folder = join(database.config.filesRoot, project.ownerId, project.id);
    for (const place of [folder, join(folder, 'runs', String(runId))]) {
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'a.txt'), 'text');
      writeFileSync(join(place, 'a.tif'), 'text');
    }
    return { project: project.id, run: runId };
  }

  /** Of the owner, with nothing sent yet. @returns its id. */
  async function beginUpload(project: string): Promise<string> {
    const owner = browsers.get('owner')!;
    const token = await owner.token('/no/such/page');
    const metadata = `filename ${Buffer.from('b.txt').toString('base64')}`;
    const headers = { ...TUS, 'x-csrf-token': token, 'upload-length': '5', 'upload-metadata': metadata };
    const { location, status, body } = await owner.send(`/projects/${project}/uploads`, { method: 'POST', headers });
    const id = location?.split('/').at(-1);
    if (status !== 201 || id === undefined) throw new Error(`no upload was begun: ${status} ${body}`);
    return id;
  }

  async function sendAsTus(browser: TestBrowser, method: string, path: string): Promise<TestAnswer> {
    const piece = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
    const token = await browser.token('/no/such/page');
    return browser.send(path, { method, headers: { ...TUS, ...(method === 'PATCH' ? piece : {}), 'x-csrf-token': token } });
  }

  /** Somebody without an account who came by a link, and with it to what it opens; nothing that they may do changes it. */
  async function askByLink(route: string, kind: 'run' | 'project'): Promise<TestAnswer> {
    if (!visitors.has(kind)) {
      const { project, run } = await things();
      const wish = { projectId: project, runId: kind === 'run' ? run : null, note: '', days: '1' };
      const browser = web.browser();
      const { secret } = await web.app.get(ShareLinks, { strict: false }).make(wish);
      await browser.get(`/shared/${secret}`);
      visitors.set(kind, { cookies: browser.cookies, project, run: String(run) });
    }
    const { cookies, ...names } = visitors.get(kind)!;
    const browser = web.browser();
    // Some routes make somebody of the visitor.
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    browsers.set('anonymous', browser);
    const answer = await ask(route, 'anonymous', names);
    browsers.set('anonymous', web.browser());
    return answer;
  }

  async function ask(route: string, persona: Persona, over: Record<string, string> = {}): Promise<TestAnswer> {
    const [method = '', pattern = ''] = route.split(' ');
    const changes = method !== 'GET' && method !== 'OPTIONS' && !over['project'] && !over['run'];
    const made = await (persona === 'demo' ? (ofDemo ??= things('demo')) : changes ? things() : (untouched ??= things()));
    const { project, run } = over['project'] && over['run'] ? { project: over['project'], run: over['run'] } : made;
    const upload = !pattern.includes(':upload') ? '' : persona === 'demo' ? randomUUID() : await beginUpload(project);
    const names: Record<string, string> = { project, run: String(run), pipeline: 'nuclei', path: 'a.txt', upload, area: 'runs', ...over };
    Object.assign(names, { what: 'shape', parameter: 'image', index: '0' }, OF_IMAGES.test(pattern) ? { path: 'a.tif' } : {});
    const path = pattern.replace(/[:*](\w+)/g, (_whole, name: string) => names[name]) + (OF_VIEWS.test(pattern) ? '?view=0' : '');
    const browser = browsers.get(persona)!;
    if (method === 'OPTIONS') return browser.send(path, { method });
    if (method === 'GET') return browser.send(path, { headOnly: pattern.endsWith('/events') });
    if (pattern.includes('/uploads') && !/discard|folders/.test(pattern)) return sendAsTus(browser, method, path);
    const answer = await browser.postForm(path, {}, { page: '/no/such/page' });
    if (route === 'POST /logout') browsers.set(persona, await enter(persona));
    if (route === 'POST /guest' && persona === 'anonymous') browsers.set(persona, web.browser());
    return answer;
  }

  it('knows a rule for every route that the router has', () => {
    // What programs may do stands in api/api-access.
    const pages = routesOf(web.app).filter((route) => !/^\w+ \/api(\/|$)/.test(route));
    expect(pages.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it('has a rule on every handler of every controller', () => {
    const forgotten: string[] = [];
    let handlers = 0;
    for (const { controllers } of web.app.get(ModulesContainer).values()) {
      for (const { metatype, name } of controllers.values()) {
        const prototype = (metatype as { prototype: Record<string, unknown> }).prototype;
        for (const key of Object.getOwnPropertyNames(prototype)) {
          const handler = prototype[key];
          if (key === 'constructor' || typeof handler !== 'function' || !Reflect.hasMetadata('path', handler)) continue;
          if (!Reflect.hasMetadata(API_ROUTE, handler)) handlers += 1;
          if (Reflect.getMetadata(ACCESS_RULE, handler) === undefined) forgotten.push(`${name}.${key}`);
        }
      }
    }
    expect(forgotten).toEqual([]);
    expect(handlers).toBe(Object.keys(EXPECTED).length);
  });

  it('has on every handler that changes anything the action that the audit log calls it, or a reason why it has none', () => {
    const forgotten: string[] = [];
    const actions: string[] = [];
    for (const { controllers } of web.app.get(ModulesContainer).values()) {
      for (const { metatype, name } of controllers.values()) {
        const prototype = (metatype as { prototype: Record<string, unknown> }).prototype;
        for (const key of Object.getOwnPropertyNames(prototype)) {
          const handler = prototype[key];
          if (key === 'constructor' || typeof handler !== 'function' || !Reflect.hasMetadata('path', handler)) continue;
          if (LOOKS.has(Reflect.getMetadata('method', handler) as RequestMethod)) continue;
          const [action, reason] = [AUDITED, NOT_AUDITED].map((kind) => Reflect.getMetadata(kind, handler) as string | undefined);
          if ((action === undefined) === (reason === undefined)) forgotten.push(`${name}.${key}`);
          if (action !== undefined) actions.push(action);
        }
      }
    }
    expect(forgotten).toEqual([]);
    for (const action of actions) expect(action).toMatch(/^[a-z]+\.[a-z-]{2,40}$/);
    expect(actions.length).toBeGreaterThan(40);
  });

  describe.each(Object.entries(EXPECTED))('%s', (route, row) => {
    it.each(Object.entries(row) as [Persona, Outcome][])('%s %s', async (persona, outcome) => {
      const answer = await ask(route, persona);
      expect(outcomeOf(answer, route)).toBe(outcome);
    });

    it('demo, of whom all of it is', async () => {
      expect(outcomeOf(await ask(route, 'demo'), route)).toBe(outcomeOfDemo(route, row));
    });

    it.each([
      ['run', OPENED_BY_RUN_LINKS],
      ['project', OPENED_BY_PROJECT_LINKS],
    ] as const)('somebody with a link to the %s', async (kind, opened) => {
      expect(outcomeOf(await askByLink(route, kind), route)).toBe(opened.has(route) ? 'passes' : row.anonymous);
    });
  });

  it('offers to somebody with a demo account no form that would be refused, and says so on the pages', async () => {
    const allowed = [...SENT_BY_DEMOS].map((route) => new RegExp(`^${route.replace(/^\w+ /, '').replace(/[:*]\w+/g, '[^/]+')}(\\?|$)`));
    const pages = Object.entries(EXPECTED).filter(([route, { owner }]) => route.startsWith('GET ') && owner === 'passes');
    const offered: string[] = [];
    let silent = 0;
    for (const [route] of pages) {
      const { body, headers } = await ask(route, 'demo');
      if (!headers['content-type']?.startsWith('text/html')) continue;
      if (!body.includes('This is a demo account: look at everything, change nothing.')) silent += 1;
      for (const [, address] of body.matchAll(/(?:method="post" action|formaction)="([^"]*)"/g))
        if (!allowed.some((one) => one.test(address))) offered.push(`${route}: ${address}`);
    }
    expect(offered).toEqual([]);
    expect(silent).toBeLessThan(pages.length / 3);
  });

  it.each(Object.keys(EXPECTED).filter((route) => /^\w+ \/projects.*:pipeline/.test(route)))(
    '%s finds no pipeline that one may not run',
    async (route) => {
      for (const persona of ['owner', 'runner'] as const)
        expect([persona, (await ask(route, persona, { pipeline: 'fasta-stats' })).status]).toEqual([persona, 404]);
    },
  );

  describe('resources', () => {
    const projectRoutes = Object.keys(EXPECTED).filter((route) => route.includes(':project'));
    const runRoutes = Object.keys(EXPECTED).filter((route) => route.includes(':run'));

    it.each(projectRoutes)('%s finds no project under a name that is none', async (route) => {
      for (const project of some(NO_PROJECTS, route)) {
        expect([project, (await ask(route, 'owner', { project })).status]).toEqual([project, 404]);
      }
    });

    it.each(runRoutes)('%s finds no run under a number that is none', async (route) => {
      for (const run of some(NO_RUNS, route)) {
        expect([run, (await ask(route, 'administrator', { run })).status]).toEqual([run, 404]);
      }
    });
  });
});

function outcomeOf({ status, location, body }: TestAnswer, route: string): Outcome {
  if (status === 401 || (status === 303 && location?.startsWith('/login?'))) return 'must log in';
  if (status === 403)
    return body.includes('This is a demo account') && body.includes('change nothing. Sign up') ? 'only looks' : 'is refused';
  // Handlers say what is missing; these words are the guard's alone.
  if (status === 404 && (body.includes('There is nothing here') || route.startsWith('HEAD '))) return 'finds nothing';
  expect(status).toBeLessThan(500);
  return 'passes';
}
