import { randomUUID } from 'node:crypto';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { programOf, type ApiAnswer, type ApiClient } from '../../api-client';
import { mainOf } from '../../web-app';
import type { ShowStage } from '../show/show-stage';
import { openApiWorld } from './api-world';

const ADDRESS = 'http://127.0.0.1:9/runs';

describe('sharing, webhooks, schedules and tokens by programs', () => {
  let stage: ShowStage;
  let close: () => Promise<void>;
  let owner: ApiClient;
  let mira: ApiClient;
  /** With what tokens have without asking for more, and with no more than that more. */
  let looker: ApiClient;
  let sharer: ApiClient;
  let administrator: ApiClient;
  let project: string;

  beforeAll(async () => {
    let email: string;
    ({ stage, email, close } = await openApiWorld({ ADMIN_EMAILS: 'root@example.org', WEBHOOK_NETWORKS: '127.0.0.1' }));
    owner = await programOf(stage.web, email, ['read', 'run', 'share']);
    [looker, sharer] = [await programOf(stage.web, email), await programOf(stage.web, email, ['share'])];
    await stage.web.browser().signUp('mira@example.org');
    mira = await programOf(stage.web, 'mira@example.org');
    await stage.web.browser().signUp('root@example.org');
    administrator = await programOf(stage.web, 'root@example.org', ['read', 'admin']);
    project = `/projects/${stage.project.id}`;
  });
  afterAll(() => close?.());

  const items = ({ json }: ApiAnswer) => (json as { items: Record<string, unknown>[] }).items;
  const problem = ({ status, json }: ApiAnswer) => [status, (json as { code: string }).code];
  const problemOrStatus = (answer: ApiAnswer) => (answer.status < 400 ? answer.status : problem(answer));
  const written = async () => {
    await stage.web.app.get(AuditTrail).settled();
    const [{ action, outcome, objectId }] = await stage.web.app.get(AuditRepository).list({}, null, 1);
    return [action, outcome, objectId];
  };
  /** Of the webhooks, the latest first. */
  const writtenOfWebhooks = async (count: number) => {
    await stage.web.app.get(AuditTrail).settled();
    return (await stage.web.app.get(AuditRepository).list({ action: 'webhook.' }, null, count)).map(({ action }) => action);
  };

  it('lets people in by name, changes what they may, and takes them out', async () => {
    expect((await mira.get(project)).status).toBe(404);
    const [member] = items(await owner.post(`${project}/members`, { who: 'mira@example.org', role: 'read' }));
    expect(member).toMatchObject({ who: 'mira@example.org', isGroup: false, role: 'read' });
    expect(await written()).toEqual(['share.let-in', 'done', stage.project.id]);
    expect((await mira.get(project)).status).toBe(200);
    expect((await mira.get(`${project}/members`)).status).toBe(403);
    const path = `${project}/members/${String(member['id'])}`;
    const lacks = [403, 'tokens.scopeLacking'];
    expect(problem(await looker.post(`${project}/members`, { who: 'mira@example.org', role: 'read' }))).toEqual(lacks);
    expect(problem(await sharer.post(`${project}/members`, { who: 'root@example.org', role: 'run' }))).toEqual(lacks);
    expect(problem(await sharer.ask('PATCH', path, { body: { role: 'run' } }))).toEqual(lacks);
    expect((await sharer.ask('PATCH', path, { body: { role: 'read' } })).status).toBe(204);
    expect((await owner.ask('PATCH', path, { body: { role: 'run' } })).status).toBe(204);
    expect(items(await owner.get(`${project}/members`))).toMatchObject([{ role: 'run' }]);
    expect(problem(await owner.post(`${project}/members`, { who: 'No such group', role: 'read' }))).toEqual([422, 'members.noSuchGroup']);
    expect((await owner.ask('DELETE', path)).status).toBe(204);
    expect(problem(await owner.ask('DELETE', path))).toEqual([404, 'members.gone']);
    expect((await mira.get(project)).status).toBe(404);
    await owner.post(`${project}/members`, { who: 'mira@example.org', role: 'read' });
    expect(problem(await owner.post(`${project}/leave`))).toEqual([404, 'errors.notFound']);
    expect(problem(await mira.post(`${project}/leave`))).toEqual(lacks);
    const leaving = await programOf(stage.web, 'mira@example.org', ['share']);
    expect((await leaving.post(`${project}/leave`)).json).toEqual({ hasLeft: true, isStillIn: false });
    expect(await written()).toEqual(['share.leave', 'done', stage.project.id]);
    expect((await mira.get(project)).status).toBe(404);
  });

  it('makes links that open a run to whoever has them, and takes them back', async () => {
    const run = await stage.ended({ 'table.csv': 'cell,area\n1,40\n' }, {}, { pipelineId: 'blur' });
    const made = await owner.post(`${project}/links`, { run, note: 'For the reviewers', days: 7 });
    const { id, link, expiresAt } = made.json as { id: string; link: string; expiresAt: string };
    expect([made.status, link]).toEqual([201, expect.stringMatching(/^http:\/\/localhost:\d+\/shared\/[\w-]{43}$/)]);
    expect(await written()).toEqual(['share.make', 'done', String(run)]);
    const reader = stage.web.browser();
    await reader.get(new URL(link).pathname);
    expect(mainOf(await reader.get(`/runs/${run}`))).toContain('table.csv');
    const [one] = items(await owner.get(`${project}/links`));
    expect(one).toMatchObject({ id, expiresAt, run, note: 'For the reviewers' });
    expect(problem(await owner.post(`${project}/links`, { run: 999_999 }))).toEqual([404, 'errors.noSuchRun']);
    expect(problem(await owner.post(`${project}/links`, { days: 8 }))).toEqual([422, 'api.wrongFields']);
    expect((await owner.ask('DELETE', `${project}/links/${id}`)).status).toBe(204);
    expect(await written()).toEqual(['share.revoke', 'done', stage.project.id]);
    expect((await stage.web.browser().get(new URL(link).pathname)).status).toBe(404);
    expect((await owner.post(`${project}/links/${id}/restore`)).status).toBe(204);
    expect((await stage.web.browser().get(new URL(link).pathname)).status).toBeLessThan(400);
    expect(problem(await owner.post(`${project}/links/${randomUUID()}/restore`))).toEqual([404, 'apiWork.linkTooLate']);
    expect(problem(await owner.ask('DELETE', `${project}/links/${randomUUID()}`))).toEqual([404, 'apiShares.noSuchLink']);
  });

  it('tells other programs of runs by webhooks', async () => {
    const made = await owner.post(`${project}/webhooks`, { url: ADDRESS, states: ['failed', 'succeeded'] });
    const { webhook, secret } = made.json as { webhook: { id: string }; secret: string };
    expect([made.status, secret, webhook]).toEqual([
      201,
      expect.stringMatching(/^whsec_/),
      expect.objectContaining({ url: ADDRESS, states: ['succeeded', 'failed'], pausedAt: null }),
    ]);
    const path = `${project}/webhooks/${webhook.id}`;
    expect((await owner.post(`${path}/test`)).status).toBe(204);
    const [delivery] = items(await owner.get(`${path}/deliveries`));
    expect(delivery).toMatchObject({ run: null, outcome: 'waits', tries: 0 });
    expect((await owner.post(`${path}/deliveries/${String(delivery['id'])}/again`)).status).toBe(204);
    expect(problem(await owner.post(`${path}/deliveries/999999/again`))).toEqual([404, 'webhooks.flashNoDelivery']);
    const paused = await owner.ask('PATCH', path, { body: { isPaused: true, states: ['lost'] } });
    expect(await writtenOfWebhooks(2)).toEqual(['webhook.pause', 'webhook.change']);
    expect(paused.json).toMatchObject({ url: ADDRESS, states: ['lost'], pausedAt: expect.any(String) as string });
    expect((await owner.ask('PATCH', path, { body: { isPaused: false } })).json).toMatchObject({ pausedAt: null });
    expect(problem(await owner.ask('PATCH', path, { body: {} }))).toEqual([400, 'api.nothingToChange']);
    expect(await writtenOfWebhooks(1)).toEqual(['webhook.resume']);
    expect(problem(await owner.post(`${project}/webhooks`, { url: ADDRESS, states: ['starting'] }))).toEqual([422, 'api.wrongFields']);
    const renewed = (await owner.post(`${path}/secret`)).json as { secret: string };
    expect([renewed.secret === secret, renewed.secret.slice(0, 6)]).toEqual([false, 'whsec_']);
    expect((await owner.post(`${project}/webhooks`, { url: 'http://10.9.8.7/x' })).status).toBe(422);
    expect((await owner.ask('DELETE', path)).status).toBe(204);
    expect(items(await owner.get(`${project}/webhooks`))).toEqual([]);
    expect((await owner.post(`${path}/restore`)).json).toMatchObject({ id: webhook.id, states: ['lost'] });
    expect(items(await owner.get(`${project}/webhooks`))).toHaveLength(1);
    expect(problem(await owner.post(`${project}/webhooks/${randomUUID()}/restore`))).toEqual([404, 'webhooks.flashTooLate']);
  });

  it('tells administrators’ programs of all runs of a pipeline, as those of projects', async () => {
    const at = '/admin/pipelines/blur/webhooks';
    const made = await administrator.post(at, { url: ADDRESS });
    const { webhook, secret } = made.json as { webhook: { id: string }; secret: string };
    expect([made.status, secret.slice(0, 6)]).toEqual([201, 'whsec_']);
    const path = `${at}/${webhook.id}`;
    expect((await administrator.post(`${path}/test`)).status).toBe(204);
    const [delivery] = items(await administrator.get(`${path}/deliveries`));
    expect(delivery).toMatchObject({ run: null, outcome: 'waits' });
    expect((await administrator.post(`${path}/deliveries/${String(delivery['id'])}/again`)).status).toBe(204);
    expect((await administrator.ask('PATCH', path, { body: { isPaused: true } })).json).toMatchObject({
      pausedAt: expect.any(String) as string,
    });
    expect((await administrator.ask('DELETE', path)).status).toBe(204);
    expect(items(await administrator.get(at))).toEqual([]);
    expect((await administrator.post(`${path}/restore`)).status).toBe(200);
    expect(items(await administrator.get(at))).toMatchObject([{ id: webhook.id }]);
    expect(problem(await administrator.get('/admin/pipelines/none/webhooks'))).toEqual([404, 'run.noSuchPipeline']);
    // One of a pipeline is none of a project.
    expect(problem(await owner.get(`${project}/webhooks/${webhook.id}/deliveries`))).toEqual([404, 'webhooks.noSuch']);
  });

  it('starts forms by themselves: made, changed, paused, deleted and brought back with the sentences of the pages', async () => {
    const at = `${project}/schedules`;
    const order = { pipeline: 'blur', parameters: { input: 'project:cells.txt', sigma: 2 }, cron: '30 2 * * *', timeZone: 'Europe/Vienna' };
    const wrong = await owner.post(at, { ...order, parameters: { input: 'project:cells.txt', sigma: 99, none: 1 } });
    expect((wrong.json as { errors: { field: string }[] }).errors.map(({ field }) => field).toSorted()).toEqual([
      'parameters.none',
      'parameters.sigma',
    ]);
    const never = await owner.post(at, { ...order, cron: '0 2 * *', timeZone: 'Mars', name: ' ' });
    expect((never.json as { errors: { field: string }[] }).errors.map(({ field }) => field).toSorted()).toEqual(
      ['cron', 'name', 'timeZone'].slice(0, 3),
    );
    expect(problem(await looker.post(at, { ...order, pipeline: 'none' }))).toEqual([404, 'run.noSuchPipeline']);
    expect(problem(await sharer.post(at, order))).toEqual([403, 'tokens.scopeLacking']);
    const made = await owner.post(at, order);
    const { id } = made.json as { id: string };
    expect([made.status, made.headers.location]).toEqual([201, expect.stringContaining(`${at}/${id}`)]);
    expect(made.json).toMatchObject({
      name: 'Blur',
      isMine: true,
      parameters: { input: 'project:cells.txt', sigma: '2' },
      sentence: 'Every day, at 02:30',
      skipsRunning: true,
      hindrance: '',
      history: [],
      nextTimes: expect.arrayContaining([(made.json as { nextAt: string }).nextAt]) as string[],
    });
    const path = `${at}/${id}`;
    const change = { cron: '0 7 * * 1-5', isPaused: true, parameters: { input: 'project:cells.txt' } };
    const changed = await owner.ask('PATCH', path, { body: change });
    expect(changed.json).toMatchObject({
      cron: '0 7 * * 1-5',
      timeZone: 'Europe/Vienna',
      nextAt: null,
      nextTimes: [],
      pausedAt: expect.any(String) as string,
    });
    expect((await owner.ask('PATCH', path, { body: { isPaused: false } })).json).toMatchObject({
      pausedAt: null,
      nextAt: expect.any(String) as string,
    });
    expect(problem(await owner.ask('PATCH', path, { body: {} }))).toEqual([400, 'api.nothingToChange']);
    expect(problem(await owner.ask('PATCH', path, { body: { cron: '0 0 30 2 *', isPaused: true } }))).toEqual([422, 'api.wrongFields']);
    expect(items(await owner.get(at))).toMatchObject([{ id, pausedAt: null, last: null }]);
    expect((await owner.ask('DELETE', path)).status).toBe(204);
    expect(problem(await owner.get(path))).toEqual([404, 'schedules.noSuch']);
    expect((await owner.post(`${path}/restore`)).json).toMatchObject({ id, nextAt: expect.any(String) as string });
    await stage.web.app.get(AuditTrail).settled();
    const entries = await stage.web.app.get(AuditRepository).list({ action: 'schedule.' }, null, 7);
    expect(entries.map(({ action, outcome }) => `${action} ${outcome}`).slice(0, 3)).toEqual([
      'schedule.restore done',
      'schedule.delete done',
      'schedule.resume done',
    ]);
  });

  it('lets a token end itself, and others only where it may all that they may', async () => {
    const end = async (program: ApiClient, id: string) => problemOrStatus(await program.ask('DELETE', `/tokens/${id}`));
    const idOf = async (program: ApiClient) => ((await program.get('/account')).json as { token: { id: string } }).token.id;
    const reader = await programOf(stage.web, 'mira@example.org', ['read']);
    const filer = await programOf(stage.web, 'mira@example.org', ['read', 'files']);
    const lesser = await programOf(stage.web, 'mira@example.org', ['read']);
    expect(await end(reader, await idOf(lesser))).toEqual([403, 'tokens.scopeLacking']);
    expect(await end(filer, await idOf(mira))).toEqual([403, 'tokens.scopeLacking']);
    expect(await end(filer, await idOf(lesser))).toBe(204);
    expect(await end(filer, randomUUID())).toEqual([404, 'tokens.gone']);
    expect(await end(reader, await idOf(reader))).toBe(204);
    expect((await reader.get('/account')).status).toBe(401);
  });

  it('takes the data of an account along, and ends all its tokens at once where it may all that they may', async () => {
    const { email } = await stage.web.browser().signUp();
    const runner = await programOf(stage.web, email, ['read', 'files', 'run']);
    const filer = await programOf(stage.web, email, ['read', 'files']);
    const { status, headers, text } = await filer.get('/account/export');
    expect([status, headers['content-type'], text.slice(0, 2)]).toEqual([200, 'application/zip', 'PK']);
    expect(problem(await filer.ask('DELETE', '/tokens'))).toEqual([403, 'tokens.scopeLacking']);
    expect((await filer.get('/account')).status).toBe(200);
    expect((await runner.ask('DELETE', '/tokens')).status).toBe(204);
    expect([(await runner.get('/account')).status, (await filer.get('/account')).status]).toEqual([401, 401]);
    expect((await owner.get('/account')).status).toBe(200);
  });
});
