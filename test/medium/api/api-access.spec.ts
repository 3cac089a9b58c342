import { randomUUID } from 'node:crypto';
import { ModulesContainer } from '@nestjs/core';
import { ProjectMembersRepository } from '../../../src/common/members/project-members.repository';
import type { TokenScope } from '../../../src/common/api-tokens/token-scopes';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { API_ROUTE, type ApiRoute } from '../../../src/web/api/contract/api-route';
import { ALL_SCOPES, ApiClient, programOf, type ApiAnswer } from '../../api-client';
import { aProject } from '../../factories';
import { routesOf } from '../../routes';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { ShowStage } from '../show/show-stage';
import { API_OF_PAGES } from './api-of-pages';
import { openApiWorld } from './api-world';

/** `reader` and `runner` are named by the owner of the project. */
type Persona = 'anonymous' | 'owner' | 'other' | 'reader' | 'runner' | 'administrator';
type Outcome = 'passes' | 'needs a token' | 'finds nothing' | 'is refused';
type Row = Record<Persona, Outcome>;

const everybody: Row = {
  anonymous: 'passes',
  owner: 'passes',
  other: 'passes',
  reader: 'passes',
  runner: 'passes',
  administrator: 'passes',
};
const persons: Row = { ...everybody, anonymous: 'needs a token' };
const [hidden, refused] = ['finds nothing', 'is refused'] as const;
const ownersProject: Row = { ...persons, other: hidden, reader: refused, runner: refused, administrator: hidden };
const administrators: Row = { ...persons, owner: refused, other: refused, reader: refused, runner: refused };
const runnersProject: Row = { ...ownersProject, runner: 'passes' };
/** One that is none: whoever may not know of the project finds as little. */
const nobodysUpload: Row = { ...runnersProject, owner: hidden, runner: hidden };
const readersProject: Row = { ...persons, other: hidden };
const readersRun: Row = { ...persons, other: refused };
const ownersRun: Row = { ...readersRun, reader: refused, runner: refused };

/** What the program of each person may do, route by route, and what its token has to allow: written down here a second time on purpose. */
const EXPECTED: Record<string, { scope: TokenScope | null; row: Row }> = {
  'GET /api/v1': { scope: null, row: everybody },
  'GET /api/v1/openapi.json': { scope: null, row: everybody },
  'GET /api/v1/account': { scope: 'read', row: persons },
  'PATCH /api/v1/account': { scope: 'files', row: persons },
  'GET /api/v1/account/space': { scope: 'read', row: persons },
  'POST /api/v1/account/space/measure': { scope: 'read', row: persons },
  'POST /api/v1/tokens': { scope: null, row: everybody },
  'GET /api/v1/account/export': { scope: 'read', row: persons },
  'DELETE /api/v1/tokens': { scope: 'files', row: persons },
  'GET /api/v1/tokens': { scope: 'read', row: persons },
  'DELETE /api/v1/tokens/current': { scope: null, row: persons },
  'DELETE /api/v1/tokens/:token': { scope: null, row: persons },
  'GET /api/v1/projects': { scope: 'read', row: persons },
  'POST /api/v1/projects': { scope: 'files', row: persons },
  'GET /api/v1/projects/:project': { scope: 'read', row: readersProject },
  'PATCH /api/v1/projects/:project': { scope: 'files', row: ownersProject },
  'DELETE /api/v1/projects/:project': { scope: 'files', row: ownersProject },
  'GET /api/v1/projects/:project/members': { scope: 'read', row: ownersProject },
  'POST /api/v1/projects/:project/members': { scope: 'share', row: ownersProject },
  'PATCH /api/v1/projects/:project/members/:member': { scope: 'share', row: ownersProject },
  'DELETE /api/v1/projects/:project/members/:member': { scope: 'share', row: ownersProject },
  'GET /api/v1/projects/:project/links': { scope: 'read', row: ownersProject },
  'POST /api/v1/projects/:project/links': { scope: 'share', row: ownersProject },
  'DELETE /api/v1/projects/:project/links/:link': { scope: 'share', row: ownersProject },
  'GET /api/v1/projects/:project/webhooks': { scope: 'read', row: ownersProject },
  'POST /api/v1/projects/:project/webhooks': { scope: 'share', row: ownersProject },
  'PATCH /api/v1/projects/:project/webhooks/:webhook': { scope: 'share', row: ownersProject },
  'DELETE /api/v1/projects/:project/webhooks/:webhook': { scope: 'share', row: ownersProject },
  'POST /api/v1/projects/:project/webhooks/:webhook/secret': { scope: 'share', row: ownersProject },
  'POST /api/v1/projects/:project/webhooks/:webhook/test': { scope: 'share', row: ownersProject },
  'GET /api/v1/projects/:project/webhooks/:webhook/deliveries': { scope: 'read', row: ownersProject },
  'POST /api/v1/projects/:project/webhooks/:webhook/deliveries/:delivery/again': { scope: 'share', row: ownersProject },
  'GET /api/v1/projects/:project/schedules': { scope: 'read', row: readersProject },
  'POST /api/v1/projects/:project/schedules': { scope: 'run', row: runnersProject },
  'GET /api/v1/projects/:project/schedules/:schedule': { scope: 'read', row: readersProject },
  'PATCH /api/v1/projects/:project/schedules/:schedule': { scope: 'run', row: runnersProject },
  'DELETE /api/v1/projects/:project/schedules/:schedule': { scope: 'run', row: runnersProject },
  'POST /api/v1/projects/:project/schedules/:schedule/restore': { scope: 'run', row: runnersProject },
  'POST /api/v1/projects/:project/links/:link/restore': { scope: 'share', row: ownersProject },
  'POST /api/v1/projects/:project/webhooks/:webhook/restore': { scope: 'share', row: ownersProject },
  'GET /api/v1/projects/:project/zip': { scope: 'read', row: readersProject },
  'POST /api/v1/projects/:project/zip': { scope: 'read', row: readersProject },
  'GET /api/v1/projects/:project/inbox': { scope: 'read', row: ownersProject },
  'POST /api/v1/projects/:project/inbox': { scope: 'files', row: ownersProject },
  'GET /api/v1/projects/:project/checksums': { scope: 'read', row: readersProject },
  'GET /api/v1/projects/:project/space': { scope: 'read', row: { ...ownersProject, administrator: 'passes' } },
  'GET /api/v1/projects/:project/trash': { scope: 'read', row: { ...ownersProject, administrator: 'passes' } },
  'DELETE /api/v1/projects/:project/trash': { scope: 'files', row: ownersProject },
  'DELETE /api/v1/projects/:project/trash/:deletion': { scope: 'files', row: ownersProject },
  'GET /api/v1/projects/:project/checksums/*path': { scope: 'read', row: readersProject },
  'POST /api/v1/projects/:project/files/checksum': { scope: 'read', row: readersProject },
  'POST /api/v1/projects/:project/leave': { scope: 'share', row: { ...readersProject, owner: hidden, administrator: hidden } },
  'POST /api/v1/runs/:run/keep': { scope: 'files', row: ownersRun },
  'GET /api/v1/runs/:run/crate': { scope: 'read', row: readersRun },
  'GET /api/v1/runs/:run/zip': { scope: 'read', row: readersRun },
  'POST /api/v1/projects/:project/files/extract': { scope: 'files', row: ownersProject },
  'GET /api/v1/projects/:project/tasks': { scope: 'read', row: readersProject },
  'GET /api/v1/projects/:project/tasks/:task': { scope: 'read', row: readersProject },
  'DELETE /api/v1/projects/:project/tasks/:task': { scope: 'files', row: ownersProject },
  'POST /api/v1/projects/:project/tasks/:task/cancel': { scope: 'files', row: ownersProject },
  'GET /api/v1/admin/pipelines/:pipeline/webhooks': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/pipelines/:pipeline/webhooks': { scope: 'admin', row: administrators },
  'PATCH /api/v1/admin/pipelines/:pipeline/webhooks/:webhook': { scope: 'admin', row: administrators },
  'DELETE /api/v1/admin/pipelines/:pipeline/webhooks/:webhook': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/pipelines/:pipeline/webhooks/:webhook/secret': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/pipelines/:pipeline/webhooks/:webhook/restore': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/pipelines/:pipeline/webhooks/:webhook/test': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/pipelines/:pipeline/webhooks/:webhook/deliveries': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/pipelines/:pipeline/webhooks/:webhook/deliveries/:delivery/again': { scope: 'admin', row: administrators },
  'GET /api/v1/projects/:project/files': { scope: 'read', row: readersProject },
  'GET /api/v1/projects/:project/content/*path': { scope: 'read', row: readersProject },
  'POST /api/v1/projects/:project/folders': { scope: 'files', row: runnersProject },
  'POST /api/v1/projects/:project/files/delete': { scope: 'files', row: ownersProject },
  'POST /api/v1/projects/:project/files/restore': { scope: 'files', row: ownersProject },
  'POST /api/v1/projects/:project/files/rename': { scope: 'files', row: ownersProject },
  'POST /api/v1/projects/:project/files/move': { scope: 'files', row: ownersProject },
  'POST /api/v1/projects/:project/files/copy': { scope: 'files', row: ownersProject },
  'GET /api/v1/projects/:project/uploads': { scope: 'read', row: runnersProject },
  'OPTIONS /api/v1/projects/:project/uploads': { scope: 'files', row: runnersProject },
  'POST /api/v1/projects/:project/uploads': { scope: 'files', row: runnersProject },
  'HEAD /api/v1/projects/:project/uploads/:upload': { scope: 'files', row: nobodysUpload },
  'PATCH /api/v1/projects/:project/uploads/:upload': { scope: 'files', row: nobodysUpload },
  'DELETE /api/v1/projects/:project/uploads/:upload': { scope: 'files', row: nobodysUpload },
  'GET /api/v1/admin/people': { scope: 'admin', row: administrators },
  'PATCH /api/v1/admin/people/:person': { scope: 'admin', row: administrators },
  'PATCH /api/v1/admin/runners/:runner': { scope: 'admin', row: administrators },
  'PATCH /api/v1/admin/pipelines/:pipeline': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/queue/steer': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/queue/place': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/queue/hold': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/queue/release': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/audit': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/people/:person': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/people/:person/confirm': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/people/:person/reset-link': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/people/:person/end-sessions': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/people/:person/keep': { scope: 'admin', row: administrators },
  'DELETE /api/v1/admin/people/:person': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/people/:person/limits': { scope: 'admin', row: administrators },
  'PUT /api/v1/admin/people/:person/limits': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/groups': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/groups': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/groups/:group': { scope: 'admin', row: administrators },
  'PATCH /api/v1/admin/groups/:group': { scope: 'admin', row: administrators },
  'DELETE /api/v1/admin/groups/:group': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/groups/:group/members': { scope: 'admin', row: administrators },
  'DELETE /api/v1/admin/groups/:group/members/:person': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/groups/:group/limits': { scope: 'admin', row: administrators },
  'PUT /api/v1/admin/groups/:group/limits': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/mail-server': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/mails': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/mails/:mail': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/mails/retry': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/mails/drop': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/mails/test': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/disk': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/disk/owners': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/cleaner/preview': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/cleaner/cleanings': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/cleaner/kept': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/cleaner/keep': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/cleaner/let-go': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/runners': { scope: 'admin', row: administrators },
  'DELETE /api/v1/admin/runners/:runner': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/pipelines': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/pipelines/lost': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/pipelines/:pipeline/renamed': { scope: 'admin', row: administrators },
  'POST /api/v1/admin/pipelines/:pipeline/gone': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/queue': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/audit/export': { scope: 'admin', row: administrators },
  'GET /api/v1/admin/concerns': { scope: 'admin', row: administrators },
  'POST /api/v1/runs/:run/lost': { scope: 'admin', row: administrators },
  'GET /api/v1/pipelines': { scope: 'read', row: persons },
  'GET /api/v1/pipelines/:pipeline': { scope: 'read', row: persons },
  'GET /api/v1/pipelines/:pipeline/presets': { scope: 'read', row: persons },
  'POST /api/v1/pipelines/:pipeline/presets': { scope: 'run', row: persons },
  'DELETE /api/v1/pipelines/:pipeline/presets/:preset': { scope: 'run', row: persons },
  'POST /api/v1/pipelines/:pipeline/presets/:preset/restore': { scope: 'run', row: persons },
  'GET /api/v1/runs': { scope: 'read', row: persons },
  'GET /api/v1/projects/:project/runs': { scope: 'read', row: readersProject },
  'POST /api/v1/projects/:project/runs': { scope: 'run', row: runnersProject },
  'GET /api/v1/runs/:run': { scope: 'read', row: readersRun },
  'POST /api/v1/runs/:run/again': { scope: 'run', row: runnersProject },
  'POST /api/v1/runs/:run/cancel': { scope: 'run', row: ownersRun },
  'POST /api/v1/runs/:run/requeue': { scope: 'run', row: ownersRun },
  'GET /api/v1/runs/:run/events': { scope: 'read', row: readersRun },
  'GET /api/v1/runs/:run/log': { scope: 'read', row: readersRun },
  'GET /api/v1/runs/:run/log/search': { scope: 'read', row: readersRun },
  'GET /api/v1/runs/:run/checksums': { scope: 'read', row: readersRun },
  'GET /api/v1/runs/:run/results': { scope: 'read', row: readersRun },
  'GET /api/v1/runs/:run/results/*path': { scope: 'read', row: readersRun },
  'GET /api/v1/projects/:project/sweeps/:sweep': { scope: 'read', row: readersProject },
  'GET /api/v1/projects/:project/sweeps/:sweep/runs': { scope: 'read', row: readersProject },
  'POST /api/v1/projects/:project/sweeps/:sweep/cancel': { scope: 'run', row: runnersProject },
  'POST /api/v1/projects/:project/sweeps/:sweep/requeue': { scope: 'run', row: runnersProject },
  'GET /api/v1/queue': { scope: 'read', row: persons },
  'GET /api/v1/runners': { scope: 'read', row: persons },
};

/** The rest of what somebody may do lies in other hands than theirs. */
const PERSONAS = ['owner', 'other', 'reader', 'runner', 'administrator'] as const;

describe('access of programs', () => {
  let stage: ShowStage;
  let close: () => Promise<void>;
  const programs = new Map<Persona, ApiClient>();
  const emails = new Map<Persona, string>();
  let slides = 0;

  beforeAll(async () => {
    ({ stage, close } = await openApiWorld({ ADMIN_EMAILS: 'administrator@example.org' }));
    programs.set('anonymous', new ApiClient(stage.web.port, null));
    for (const persona of PERSONAS) {
      const email = `${persona}@example.org`;
      await stage.web.browser().signUp(email);
      emails.set(persona, email);
      const scopes = persona === 'administrator' ? ALL_SCOPES : (['read', 'files', 'run', 'share'] as const);
      programs.set(persona, await programOf(stage.web, email, scopes));
    }
  });
  afterAll(() => close?.());

  async function idOf(persona: Persona): Promise<string> {
    return (await stage.web.app.get(UsersRepository).findByEmail(emails.get(persona)!))!.id;
  }

  /** A new project and run of the owner, so that no request meets what an earlier one has left. */
  async function things(): Promise<{ project: string; run: string }> {
    const { app } = stage.web;
    const project = aProject({ ownerId: await idOf('owner'), name: `Slide ${(slides += 1)}` });
    await app.get(ProjectsRepository).add(project);
    await app.get(ProjectFiles).create(project);
    for (const [persona, role] of [
      ['reader', 'read'],
      ['runner', 'run'],
    ] as const) {
      const member = { id: randomUUID(), projectId: project.id, kind: 'person' as const, label: emails.get(persona)!, role };
      await app.get(ProjectMembersRepository, { strict: false }).add({ ...member, subject: await idOf(persona) });
    }
    const run = await stage.queued({ projectId: project.id, ownerId: project.ownerId, pipelineId: 'blur' });
    return { project: project.id, run: String(run) };
  }

  async function ask(route: string, program: ApiClient, over: Record<string, string> = {}): Promise<ApiAnswer> {
    const [method, pattern] = route.split(' ');
    const needed = /:(project|run)\b/.test(pattern) && !('project' in over) ? await things() : {};
    const names: Record<string, string> = { ...needed, pipeline: 'blur', path: 'a.txt', sweep: randomUUID(), ...over };
    const path = pattern.replace('/api/v1', '').replace(/[:*](\w+)/g, (_whole, name: string) => names[name] ?? randomUUID());
    return (await lasting(route, program)).ask(method, path, method === 'POST' || method === 'PATCH' ? { body: {} } : {});
  }

  /** What ends its own token has one that nobody needs, and what ends all of them has somebody whom nobody needs. */
  async function lasting(route: string, program: ApiClient): Promise<ApiClient> {
    const persona = PERSONAS.find((one) => programs.get(one) === program);
    if (persona && route === 'DELETE /api/v1/tokens') return programOf(stage.web, (await stage.web.browser().signUp()).email);
    return persona && route.endsWith('/tokens/current') ? programOf(stage.web, emails.get(persona)!) : program;
  }

  it('knows a rule for every route below /api that the router has', () => {
    const routes = routesOf(stage.web.app).filter((route) => /^\w+ \/api(\/|$)/.test(route));
    expect(routes.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it('has a route for each of the pages, or a reason why not', () => {
    const pages = routesOf(stage.web.app).filter((route) => !/^\w+ \/api(\/|$)/.test(route));
    expect(Object.keys(API_OF_PAGES).toSorted()).toEqual(pages.toSorted());
    const named = Object.values(API_OF_PAGES).flatMap((one) => (typeof one === 'string' ? [one.replace(' /', ' /api/v1/')] : []));
    expect(named.filter((route) => !(route in EXPECTED))).toEqual([]);
    expect(named.length).toBeGreaterThan(pages.length / 2);
  });

  it('has each of them described, and nothing described elsewhere', () => {
    const faults: string[] = [];
    for (const { controllers } of stage.web.app.get(ModulesContainer).values()) {
      for (const { metatype, name } of controllers.values()) {
        const { prototype } = metatype as { prototype: Record<string, unknown> };
        const isApi = String(Reflect.getMetadata('path', metatype as object)).startsWith('api/');
        for (const key of Object.getOwnPropertyNames(prototype)) {
          const handler = prototype[key];
          if (key === 'constructor' || typeof handler !== 'function' || !Reflect.hasMetadata('path', handler)) continue;
          const route = Reflect.getMetadata(API_ROUTE, handler) as ApiRoute | undefined;
          if ((route !== undefined) !== isApi) faults.push(`${name}.${key}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  it.each(Object.entries(EXPECTED))('%s', async (route, { row }) => {
    const outcomes: Partial<Row> = {};
    for (const persona of Object.keys(row) as Persona[]) outcomes[persona] = outcomeOf(await ask(route, programs.get(persona)!), route);
    expect(outcomes).toEqual(row);
  });

  it('lets no token do what it is not made for', async () => {
    const outcomes: Record<string, Outcome> = {};
    for (const scope of ALL_SCOPES) {
      const program = await programOf(stage.web, emails.get(scope === 'admin' ? 'administrator' : 'owner')!, [scope]);
      for (const [route, { scope: needed }] of Object.entries(EXPECTED)) {
        if (needed === null || needed === scope) continue;
        outcomes[`${scope}: ${route}`] = outcomeOf(await ask(route, program), route);
      }
    }
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'is refused')).toEqual([]);
    expect(Object.keys(outcomes).length).toBeGreaterThan(50);
  });

  it('takes cookies for nothing, and pages take no token', async () => {
    const { token } = programs.get('owner')!;
    expect((await stage.owner.get('/api/v1/runs')).status).toBe(401);
    expect((await stage.owner.get('/api/v1/runs', { authorization: `Bearer ${token}` })).status).toBe(400);
    const browser = stage.web.browser();
    expect((await browser.get('/projects', { authorization: `Bearer ${token}` })).location).toMatch(/^\/login/);
    expect((await browser.get(`/api/v1/runs?token=${token}&access_token=${token}`)).status).toBe(401);
  });

  it('finds nothing under names that are none', async () => {
    const owner = programs.get('owner')!;
    const known = await things();
    const routes = Object.entries(EXPECTED).filter(([, { scope }]) => scope !== 'admin');
    for (const [route] of routes) {
      for (const project of route.includes(':project') ? [randomUUID(), 'x', '%00', '..%2f..', 'A'.repeat(300)] : [])
        expect([route, project, (await ask(route, owner, { ...known, project })).status]).toEqual([route, project, 404]);
      for (const run of /:run(\/|$)/.test(route) ? ['0', '999999', '-1', '1e3', '01', '99999999999999999999', 'x', '%00'] : [])
        expect([route, run, (await ask(route, owner, { ...known, run })).status]).toEqual([route, run, 404]);
    }
  });
});

function outcomeOf({ status, json }: ApiAnswer, route: string): Outcome {
  const { code } = (json ?? {}) as { code?: string };
  if (status === 401) return 'needs a token';
  if (status === 403) return 'is refused';
  // Handlers say what is missing; this is the guard's alone.
  if (status === 404 && (code === 'errors.notFound' || route.startsWith('HEAD '))) return 'finds nothing';
  expect(status).toBeLessThan(500);
  return 'passes';
}
