import { randomUUID } from 'node:crypto';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { programOf, type ApiAnswer, type ApiClient } from '../../api-client';
import { mainOf } from '../../web-app';
import type { ShowStage } from '../show/show-stage';
import { openApiWorld } from './api-world';

const ADDRESS = 'http://127.0.0.1:9/runs';

describe('sharing by programs', () => {
  let stage: ShowStage;
  let close: () => Promise<void>;
  let owner: ApiClient;
  let mira: ApiClient;
  /** With what tokens have without asking for more, and with no more than that more. */
  let looker: ApiClient;
  let sharer: ApiClient;
  let project: string;

  beforeAll(async () => {
    let email: string;
    ({ stage, email, close } = await openApiWorld({ WEBHOOK_NETWORKS: '127.0.0.1' }));
    owner = await programOf(stage.web, email, ['read', 'run', 'share']);
    [looker, sharer] = [await programOf(stage.web, email), await programOf(stage.web, email, ['share'])];
    await stage.web.browser().signUp('mira@example.org');
    mira = await programOf(stage.web, 'mira@example.org');
    project = `/projects/${stage.project.id}`;
  });
  afterAll(() => close?.());

  const items = ({ json }: ApiAnswer) => (json as { items: Record<string, unknown>[] }).items;
  const problem = ({ status, json }: ApiAnswer) => [status, (json as { code: string }).code];
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
  });
});
