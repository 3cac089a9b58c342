import { DataSource } from 'typeorm';
import { AuditEntry } from '../../../src/common/audit/audit-entry.entity';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { dialectOf } from '../../../src/common/database/dialect';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { User } from '../../../src/common/users/user.entity';
import { planOf, statementsOf } from '../../plans';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

describe('audit log', () => {
  let web: TestWebApp;
  let admin: TestBrowser;
  let person: TestBrowser;
  let personId: string;

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'root@example.org' });
    admin = web.browser();
    await admin.signUp('root@example.org');
    person = web.browser();
    await person.signUp('mira@example.org');
    personId = (await web.app.get(DataSource).getRepository(User).findOneByOrFail({ email: 'mira@example.org' })).id;
  });
  afterAll(() => web?.close());

  const entries = async () => {
    await web.app.get(AuditTrail).settled();
    return web.app.get(AuditRepository).list({}, null, 1000);
  };
  const latest = async () => (await entries())[0];

  it('has an entry for each change, with who did it to what and from where', async () => {
    const made = await person.postForm('/projects', { name: 'Spleen' }, { page: '/projects' });
    const id = made.location?.split('/').at(-1);
    const entry = await latest();
    expect(entry).toMatchObject({ actorId: personId, actorName: 'mira', action: 'project.create', outcome: 'done', address: '127.0.0.1' });
    expect(entry).toMatchObject({ objectKind: 'project', objectId: id, objectName: 'Spleen' });
    await person.postForm(`/projects/${id}/rename`, { name: 'Liver' }, { page: `/projects/${id}/settings` });
    expect(await latest()).toMatchObject({ action: 'project.rename', objectId: id, objectName: 'Spleen', outcome: 'done' });
  });

  it('has none for what only looks, for forms that are wrong, and for a change of the theme', async () => {
    const before = (await entries()).length;
    await person.get('/projects');
    await person.postForm('/projects', { name: '' }, { page: '/projects' });
    await person.postForm('/theme', { theme: 'dark' }, { page: '/projects' });
    expect((await entries()).length).toBe(before);
  });

  it('has none for forms that only ask for the rest, and none that nobody could fill it with', async () => {
    const id = (await person.postForm('/projects', { name: 'Kidney' }, { page: '/projects' })).location?.split('/').at(-1);
    const files = `/projects/${id}/files`;
    const page = `/projects/${id}`;
    await person.postForm(`${files}/folder`, { path: '', newName: 'raw' }, { page });
    const before = (await entries()).length;
    for (const [what, form] of [
      ['move', { path: '', name: 'raw' }],
      ['copy', { path: '', name: 'raw' }],
      ['rename', { path: '', name: 'raw' }],
      ['delete', { path: '' }],
    ] as const)
      expect([what, (await person.postForm(`${files}/${what}`, form, { page })).status < 400]).toEqual([what, true]);
    const stranger = web.browser();
    await stranger.postForm('/logout', {}, { page: '/login' });
    await stranger.postForm('/expiring', { token: 'made-up' }, { page: '/login' });
    expect((await entries()).slice(0, (await entries()).length - before)).toEqual([]);
  });

  it('has an entry for what broke down, since nobody knows how far it came', async () => {
    const creation = web.app.get(ProjectCreation, { strict: false });
    const create = creation.create.bind(creation);
    creation.create = () => Promise.reject(new Error('the disk is gone'));
    const { status } = await person.postForm('/projects', { name: 'Heart' }, { page: '/projects' });
    creation.create = create;
    expect(status).toBe(500);
    expect(await latest()).toMatchObject({ actorId: personId, action: 'project.create', outcome: 'failed' });
  });

  it('has an entry for whoever tries what only administrators may', async () => {
    await person.postForm('/admin/runners/mode', { runner: 'a', mode: 'paused' }, { page: '/projects' });
    expect(await latest()).toMatchObject({ actorId: personId, action: 'runner.set-mode', outcome: 'refused' });
    await admin.postForm('/admin/runners/mode', { runner: 'nowhere', mode: 'paused' }, { page: '/projects' });
    const failed = {
      action: 'runner.set-mode',
      outcome: 'failed',
      objectKind: 'runner',
      objectId: 'nowhere',
      details: '{"mode":"paused"}',
    };
    expect(await latest()).toMatchObject(failed);
  });

  it('has refused log-ins as far as their number is limited, without what may be a password in the wrong field', async () => {
    const stranger = web.browser();
    const before = (await entries()).length;
    for (let tries = 0; tries < 8; tries += 1) await stranger.postForm('/login', { email: 'mira@example.org', password: 'wrong words' });
    const refused = (await entries()).slice(0, (await entries()).length - before);
    expect(refused).toHaveLength(5);
    for (const entry of refused)
      expect(entry).toMatchObject({ action: 'account.log-in', outcome: 'refused', actorId: null, objectName: 'mira@example.org' });
    await web.browser().postForm('/login', { email: 'my secret words', password: 'wrong words' });
    const all = await web.app.get(DataSource).getRepository(AuditEntry).find();
    expect(JSON.stringify(all)).not.toMatch(/secret words|wrong words/);
  });

  it('tells loudly of an entry that could not be written, and the change is made all the same', async () => {
    const lines: string[] = [];
    const trail = web.app.get(AuditTrail);
    const { logger } = trail as unknown as { logger: { error(line: string): void } };
    logger.error = (line) => void lines.push(line);
    const repository = web.app.get(AuditRepository);
    const add = repository.add.bind(repository);
    repository.add = () => Promise.reject(new Error('disk full'));
    const { status } = await person.postForm('/projects', { name: 'Pancreas' }, { page: '/projects' });
    await trail.settled();
    repository.add = add;
    expect(status).toBe(303);
    expect(lines.join()).toMatch(
      /could not be written into the audit log \(disk full\).*"action":"project.create".*"objectName":"Pancreas"/,
    );
  });

  it('is read by person, action, object and time, page by page, and loses no entry between pages', async () => {
    const repository = web.app.get(AuditRepository);
    const all = await entries();
    expect(await repository.list({ actor: { id: personId } }, null, 1000)).toEqual(all.filter(({ actorId }) => actorId === personId));
    expect(await repository.list({ action: 'project.' }, null, 1000)).toEqual(all.filter(({ action }) => action.startsWith('project.')));
    expect(await repository.list({ object: { kind: 'runner', id: 'nowhere' } }, null, 9)).toHaveLength(1);
    const paged: AuditEntry[] = [];
    for (let before: number | null = null; ; before = paged.at(-1)!.id) {
      const page = await repository.list({}, before, 3);
      paged.push(...page);
      if (page.length < 3) break;
    }
    expect(paged).toEqual(all);
    const middle = all[4];
    expect(await repository.list({ sinceMs: middle.atMs }, null, 1000)).toEqual(all.filter(({ atMs }) => atMs >= middle.atMs));
    expect(await repository.list({ untilMs: middle.atMs }, null, 1000)).toEqual(all.filter(({ atMs }) => atMs < middle.atMs));
    expect(await repository.listNewer({}, middle.id, 2)).toEqual(all.slice(2, 4));
    expect((await admin.get(`/admin/audit?after=${all[0].id}`)).status).toBe(200);
    expect(await repository.list({ object: { kind: 'runner' } }, null, 1000)).toEqual(
      all.filter(({ objectKind }) => objectKind === 'runner'),
    );
  });

  it('finds what was refused or failed by an index', async () => {
    const repository = web.app.get(AuditRepository);
    const dataSource = web.app.get(DataSource);
    const all = await entries();
    const isSqlite = dialectOf(dataSource.options) === 'sqlite';
    const done = { atMs: 1, actorName: 'x', action: 'run.cancel', objectName: '', address: '', details: '', outcome: 'done' as const };
    await dataSource.getRepository(AuditEntry).insert(Array.from({ length: 500 }, () => ({ ...done })));
    if (!isSqlite) await dataSource.query('ANALYZE TABLE audit');
    for (const filter of [{ outcome: 'refused' }, { outcome: 'failed', action: 'project.' }] as const) {
      const isMeant = ({ outcome, action }: AuditEntry) =>
        outcome === filter.outcome && (!('action' in filter) || action.startsWith('project.'));
      const statements = await statementsOf(dataSource, async () =>
        expect(await repository.list(filter, null, 50)).toEqual(all.filter(isMeant).slice(0, 50)),
      );
      expect((await planOf(dataSource, statements[0]))[0]).toContain('idx_audit_outcome');
    }
    await dataSource.getRepository(AuditEntry).delete({ actorName: 'x' });
  });

  it('keeps the entries of somebody who is gone without their name, and drops old ones', async () => {
    const repository = web.app.get(AuditRepository);
    await repository.blank(personId);
    const all = await entries();
    for (const entry of all.filter(({ actorId }) => actorId === personId)) expect(entry.actorName).toBe('');
    const lastMs = all[0].atMs;
    expect(await repository.countBefore(lastMs)).toBe(all.filter(({ atMs }) => atMs < lastMs).length);
    await repository.deleteBefore(lastMs);
    expect(await entries()).toEqual(all.filter(({ atMs }) => atMs >= lastMs));
  });
});
