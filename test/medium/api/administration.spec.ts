import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { Run } from '../../../src/common/queue/run.entity';
import { Quotas } from '../../../src/common/quotas/quotas';
import { SessionsRepository } from '../../../src/common/users/sessions.repository';
import type { User } from '../../../src/common/users/user.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { ALL_SCOPES, programOf, type ApiAnswer, type ApiClient } from '../../api-client';
import { aRun } from '../../factories';
import type { ShowStage } from '../show/show-stage';
import { openApiWorld } from './api-world';

const ROOT = 'root@example.org';

/** What the pages of administrators do, done by a program. */
describe('administration by programs', () => {
  let stage: ShowStage;
  let close: () => Promise<void>;
  let root: ApiClient;
  let mira: User;

  beforeAll(async () => {
    ({ stage, close } = await openApiWorld({ ADMIN_EMAILS: ROOT, USER_SPACE: '20 GB', RETENTION_DAYS: '7' }));
    await stage.web.browser().signUp(ROOT);
    root = await programOf(stage.web, ROOT, ALL_SCOPES);
    await stage.web.browser().signUp('mira@example.org');
    mira = (await stage.web.app.get(UsersRepository).findByEmail('mira@example.org'))!;
  });
  afterAll(() => close?.());

  const put = (path: string, body: unknown) => root.ask('PUT', path, { body });
  const shown = async (path: string) => {
    const answer = await root.get(path);
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.json as Record<string, unknown> & { items: Record<string, unknown>[] };
  };
  const problem = ({ status, json }: ApiAnswer) => [status, (json as { code: string }).code];
  /** The latest entry of the audit log. */
  const written = async () => {
    await stage.web.app.get(AuditTrail).settled();
    const [entry] = await stage.web.app.get(AuditRepository).list({}, null, 1);
    return [entry.action, entry.outcome, entry.objectId];
  };

  const patch = (path: string, body: unknown) => root.ask('PATCH', path, { body });
  /** The latest entries of the audit log, in the order in which they were written. */
  const writtenLast = async (count: number) => {
    await stage.web.app.get(AuditTrail).settled();
    const entries = await stage.web.app.get(AuditRepository).list({}, null, count);
    return entries.toReversed().map(({ action, outcome, details }): [string, string, Record<string, unknown>] => {
      const { token: _token, ...told } = JSON.parse(details) as Record<string, unknown>;
      return [action, outcome, told];
    });
  };

  it('sets limits as the form does, and says what holds', async () => {
    const path = `/admin/people/${mira.id}/limits`;
    expect(await shown(path)).toMatchObject({ own: { bytes: null }, applied: { bytes: 20e9, projects: null } });
    const order = { bytes: 'none', files: 500, uploadBytes: null, projects: null, runsAtOnce: 2, waiting: null };
    expect((await put(path, order)).json).toMatchObject({ own: order, applied: { bytes: null, files: 500, runsAtOnce: 2 } });
    expect(await written()).toEqual(['person.set-limits', 'done', mira.id]);
    expect(await stage.web.app.get(Quotas).ownOf('person', mira.id)).toMatchObject({ bytes: 0, files: 500, waiting: null });
    expect(problem(await put(path, { ...order, files: 2e9 }))).toEqual([422, 'people.badNumber']);
    expect(problem(await put(path, { ...order, files: 0 }))).toEqual([422, 'api.wrongFields']);
    expect(problem(await put('/admin/people/x/limits', order))).toEqual([404, 'apiAdmin.noSuchPerson']);
  });

  it('looks after an account', async () => {
    const path = `/admin/people/${mira.id}`;
    expect(await shown(path)).toMatchObject({ email: 'mira@example.org', kind: 'account', groups: [] });
    const { link } = (await root.post(`${path}/reset-link`)).json as { link: string };
    expect(link).toContain('/link/');
    expect(await written()).toEqual(['person.reset-link', 'done', mira.id]);
    expect((await root.post(`${path}/end-sessions`)).json).toEqual({ sessions: 1 });
    expect(await stage.web.app.get(SessionsRepository).endAllOf(mira.id)).toBe(0);
    expect((await root.ask('DELETE', path)).status).toBe(204);
    expect(await shown(path)).toMatchObject({ leavingAt: expect.any(String) });
    expect((await root.post(`${path}/keep`)).json).toMatchObject({ leavingAt: null });
    const self = (await stage.web.app.get(UsersRepository).findByEmail(ROOT))!.id;
    expect(problem(await root.ask('DELETE', `/admin/people/${self}`))).toEqual([409, 'people.notYourself']);
    expect(await written()).toEqual(['person.delete', 'failed', self]);
  });

  it('changes somebody whole or not at all, and writes down what the pages write', async () => {
    const path = `/admin/people/${mira.id}`;
    expect((await patch(path, { suspended: { why: 'Left' } })).json).toMatchObject({ suspendedWhy: 'Left' });
    expect(await writtenLast(1)).toEqual([['person.suspend', 'done', { why: 'Left', sessions: 0, cancelled: 0, running: 0 }]]);
    expect((await patch(path, { suspended: false, isAdministrator: true })).json).toMatchObject({
      suspendedAt: null,
      isAdministrator: true,
    });
    expect(await writtenLast(2)).toEqual([
      ['person.unsuspend', 'done', {}],
      ['person.make-administrator', 'done', {}],
    ]);
    const refused = await patch(path, { isAdministrator: false, suspended: { why: ' ' } });
    expect(refused.json).toMatchObject({ status: 422, code: 'people.whyMissing', errors: [{ field: 'suspended.why' }] });
    expect(await writtenLast(2)).toEqual([
      ['person.unmake-administrator', 'failed', {}],
      ['person.suspend', 'failed', { why: ' ' }],
    ]);
    expect(await shown(path)).toMatchObject({ isAdministrator: true, suspendedAt: null });
    expect((await patch(path, { isAdministrator: false })).json).toMatchObject({ isAdministrator: false });
    expect(problem(await patch(path, {}))).toEqual([400, 'api.nothingToChange']);
  });

  it('makes groups, and puts people into them', async () => {
    const made = await root.post('/admin/groups', { name: 'Imaging' });
    expect(made.status).toBe(201);
    const path = `/admin/groups/${(made.json as { id: string }).id}`;
    expect(problem(await root.post('/admin/groups', { name: 'IMAGING' }))).toEqual([422, 'groups.nameTaken']);
    const added = await root.post(`${path}/members`, { who: ['mira@example.org'] });
    expect(added.json).toMatchObject({ name: 'Imaging', members: [{ id: mira.id, email: 'mira@example.org' }] });
    expect(problem(await root.post(`${path}/members`, { who: ['nobody@example.org'] }))).toEqual([422, 'groups.whoUnknown']);
    expect((await root.ask('PATCH', path, { body: { description: 'At the microscopes' } })).json).toMatchObject({ name: 'Imaging' });
    expect((await shown('/admin/groups')).items).toMatchObject([{ name: 'Imaging', description: 'At the microscopes', people: 1 }]);
    const order = { bytes: null, files: null, uploadBytes: null, projects: null, runsAtOnce: null, waiting: 7 };
    expect((await put(`${path}/limits`, order)).json).toMatchObject({ own: { waiting: 7 }, applied: { bytes: 20e9 } });
    expect(await shown(`/admin/people/${mira.id}/limits`)).toMatchObject({ applied: { waiting: 7 } });
    expect((await root.ask('DELETE', `${path}/members/${mira.id}`)).status).toBe(204);
    expect(problem(await root.ask('DELETE', `${path}/members/${mira.id}`))).toEqual([404, 'apiAdmin.notInGroup']);
    expect((await root.ask('DELETE', path)).status).toBe(204);
    expect(problem(await root.get(path))).toEqual([404, 'groups.gone']);
  });

  it('sees the outbox without the text of mails', async () => {
    expect((await root.post('/admin/mails/test')).status).toBe(204);
    const { items } = await shown('/admin/mails?state=waiting&limit=1');
    expect(items).toMatchObject([{ recipient: ROOT, state: 'waiting', tries: 0, mayRetry: false }]);
    expect(await shown(`/admin/mails/${String(items[0]['id'])}`)).toEqual(items[0]);
    expect(await shown('/admin/mail-server')).toMatchObject({ hasServer: false, counts: { failed: 0 } });
    expect((await root.post('/admin/mails/retry', { mails: 'all' })).json).toEqual({ count: 0 });
    expect((await root.post('/admin/mails/drop', { mails: [items[0]['id']] })).json).toEqual({ count: 1 });
    expect(await written()).toEqual(['mail.drop', 'done', null]);
    expect(problem(await root.get(`/admin/mails/${String(items[0]['id'])}`))).toEqual([404, 'apiAdmin.noSuchMail']);
  });

  it('steers what the cleaner takes', async () => {
    const run = await stage.ended({ 'table.csv': 'a\n' }, {}, { pipelineId: 'blur' });
    const ahead = await shown('/admin/cleaner/preview?days=30');
    expect(ahead.items.filter((item) => item['run'] === run)).toMatchObject([
      { kind: 'expired runs', owner: { id: stage.project.ownerId } },
    ]);
    const kept = await root.post('/admin/cleaner/keep', { runs: [run, 999_999], projects: [stage.project.id], until: '2040-01-31' });
    expect(kept.json).toEqual({
      runs: [
        { id: run, outcome: 'kept' },
        { id: 999_999, outcome: 'not_found' },
      ],
      projects: [{ id: stage.project.id, outcome: 'kept', tooLate: 0 }],
    });
    expect(await shown('/admin/cleaner/kept')).toMatchObject({
      runs: [{ id: run }],
      projects: [{ id: stage.project.id }],
      isCut: false,
    });
    expect((await shown('/admin/cleaner/preview?days=30')).items.filter((item) => item['run'] === run)).toEqual([]);
    const rows = stage.web.app.get(DataSource).getRepository(Run);
    const more = Array.from({ length: 201 }, () => {
      const { id: _, ...row } = aRun({ submissionId: randomUUID(), state: 'succeeded', finishedMs: 5, keep: true });
      return row;
    });
    const added = (await rows.insert(more)).identifiers.map(({ id }) => Number(id));
    const cut = await shown('/admin/cleaner/kept');
    expect([cut['isCut'], (cut['runs'] as unknown[]).length]).toEqual([true, 200]);
    await rows.delete(added);
    const gone = await root.post('/admin/cleaner/let-go', { runs: [run], projects: [stage.project.id] });
    expect(gone.json).toMatchObject({ runs: [{ outcome: 'let_go' }], projects: [{ outcome: 'let_go' }] });
    expect(problem(await root.post('/admin/cleaner/keep', { runs: [run], until: 'soon' }))).toEqual([422, 'operations.noDate']);
    expect(problem(await root.post('/admin/cleaner/let-go', {}))).toEqual([422, 'operations.pickRuns']);
    expect((await shown('/admin/cleaner/cleanings')).items).toEqual([]);
  });

  it('sees runners, pipelines, disk, queue and what waits for it', async () => {
    const { id: held } = await stage.running({ pipelineId: 'blur' });
    const { items: runners } = await shown('/admin/runners');
    expect(runners).toMatchObject([
      { name: 'ws-core-1', isAlive: true, mode: 'active', slots: 1000, runs: expect.arrayContaining([held]) },
    ]);
    expect(problem(await root.ask('DELETE', '/admin/runners/ws-core-1'))).toEqual([409, 'operations.runnerNotRemoved']);
    const { items: pipelines } = await shown('/admin/pipelines');
    expect(pipelines.map(({ id, state }) => [id, state])).toEqual([
      ['blur', 'on'],
      ['merge', 'on'],
    ]);
    expect(
      (await root.ask('PATCH', '/admin/pipelines/merge', { body: { isOff: true, note: 'Until Monday', access: ['accounts'] } })).status,
    ).toBe(204);
    const merge = (await shown('/admin/pipelines')).items.find(({ id }) => id === 'merge');
    expect(merge).toMatchObject({
      state: 'off',
      note: 'Until Monday',
      access: 'accounts',
      isAccessSet: true,
      changed: { by: expect.any(String) },
    });
    expect(await writtenLast(2)).toEqual([
      ['pipeline.switch', 'done', { state: 'off', note: 'Until Monday' }],
      ['pipeline.set-access', 'done', { who: 'accounts' }],
    ]);
    const refused = await patch('/admin/pipelines/blur', { isOff: true, access: ['typo'] });
    expect(refused.json).toMatchObject({ status: 422, code: 'groups.whoUnknown', errors: [{ field: 'access' }] });
    expect(problem(await patch('/admin/pipelines/blur', { note: 'Until Monday' }))).toEqual([400, 'apiAdmin.noteWhileOn']);
    expect(problem(await patch('/admin/pipelines/blur', {}))).toEqual([400, 'api.nothingToChange']);
    expect((await shown('/admin/pipelines')).items.find(({ id }) => id === 'blur')).toMatchObject({ state: 'on', isAccessSet: false });
    // As it is shown it is taken.
    const access = { groups: [], people: ['mira@example.org'] };
    expect((await patch('/admin/pipelines/blur', { access })).status).toBe(204);
    expect((await shown('/admin/pipelines')).items.find(({ id }) => id === 'blur')).toMatchObject({ access });
    expect((await patch('/admin/pipelines/blur', { access: 'manifest' })).status).toBe(204);
    expect(problem(await root.post('/admin/pipelines/blur/gone'))).toEqual([404, 'pipelineSettings.notLost']);
    expect(await shown('/admin/disk')).toMatchObject({
      fileSystems: [{ totalBytes: expect.any(Number) }],
      totals: { owners: expect.any(Number) },
    });
    expect((await shown('/admin/disk/owners?sort=name&limit=1')).items.length).toBeLessThanOrEqual(1);
    const waiting = await stage.queued({ pipelineId: 'blur' });
    expect(problem(await root.post('/admin/queue/steer', { steering: 'cancel', runs: [waiting] }))).toEqual([
      422,
      'operations.reasonNeeded',
    ]);
    await root.post('/admin/queue/hold', { reason: 'Backup' });
    expect(await shown(`/admin/queue?words=${waiting}`)).toMatchObject({
      hold: { reason: 'Backup' },
      running: [],
      waiting: [{ id: waiting }],
    });
    expect((await shown('/admin/concerns')).items.map(({ section }) => section)).toContain('runners');
    await root.post('/admin/queue/release');
    expect(problem(await root.post(`/runs/${waiting}/lost`))).toEqual([409, 'queue.flashNotUnknown']);
  });

  it('finds and exports who did what', async () => {
    await stage.web.app.get(AuditTrail).settled();
    const found = await shown(`/admin/audit?kind=person&object=${mira.id}&action=person.&outcome=done&person=${ROOT}&limit=2`);
    expect(found.items.map(({ action }) => action)).toEqual(['person.unmake-administrator', 'person.make-administrator']);
    expect(problem(await root.get(`/admin/audit?object=${mira.id}`))).toEqual([400, 'apiAdmin.objectWithoutKind']);
    const csv = await root.get('/admin/audit/export?format=csv&action=person.');
    expect([csv.status, csv.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(csv.text.split('\r\n')[0]).toBe('time,actor,actor_id,action,outcome,object_kind,object_id,object,address,details');
    const lines = (await root.get('/admin/audit/export')).text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as { action: string })).toEqual(
      expect.arrayContaining([expect.objectContaining({ action: 'group.add-members' }), found.items[0]]),
    );
    expect((await shown('/admin/audit?until=2020-01-01T00:00:00Z')).items).toEqual([]);
  });
});
