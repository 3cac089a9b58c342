import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DataSource, IsNull } from 'typeorm';
import { LeavingAccounts } from '../../../src/common/cleaning/leaving-accounts';
import { CleanerModule } from '../../../src/cleaner/cleaner.module';
import { AppConfig } from '../../../src/common/config/app-config';
import { NotFoundError } from '../../../src/common/errors';
import { Groups } from '../../../src/common/groups/groups';
import { Mail } from '../../../src/common/mail/mail.entity';
import { ProjectMember } from '../../../src/common/members/project-member.entity';
import { Run } from '../../../src/common/queue/run.entity';
import { User } from '../../../src/common/users/user.entity';
import { Test } from '@nestjs/testing';
import { PipelineCatalogue } from '../../../src/common/pipelines/pipeline-catalogue';
import { Project } from '../../../src/common/projects/project.entity';
import { Upload } from '../../../src/common/uploads/upload.entity';
import { RunSubmission } from '../../../src/web/run/run-submission';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';
import { multipart } from '../../multipart';
import { wordsOf } from '../show/show-stage';

const TUS = { 'tus-resumable': '1.0.0' };

describe('projects shared with named people', () => {
  let web: TestWebApp;
  const browsers = new Map<string, TestBrowser>();
  let at: string;
  let folder: string;
  let inbox: string;

  beforeAll(async () => {
    // A mail server that nobody ever asks: mails stay in the outbox.
    const settings = { SMTP_URL: 'smtp://127.0.0.1:1', VERIFY_EMAIL: 'off', INBOX_PER_USER: 'on' };
    inbox = join('/tmp', `showrunner-inbox-${randomUUID()}`);
    mkdirSync(inbox, { recursive: true });
    web = await startTestWebApp({ ...settings, INBOX_DIR: inbox });
    for (const name of ['olga', 'rita', 'rob', 'eve']) {
      const browser = web.browser();
      await browser.signUp(`${name}@example.org`);
      browsers.set(name, browser);
    }
    const guest = web.browser();
    await guest.enterAsGuest();
    browsers.set('guest', guest);
    for (const name of ['olga', 'rita', 'rob']) await prove(name);
    at = (await of('olga').postForm('/projects', { name: 'Spleen <1>' }, { page: '/projects' })).location!;
    const { id } = await person('olga');
    folder = join(web.database.config.filesRoot, id, at.split('/').at(-1)!);
    writeFileSync(join(folder, 'a.fasta'), '>s\nACGT\n');
    mkdirSync(join(inbox, 'people', 'olga@example.org'), { recursive: true });
    writeFileSync(join(inbox, 'people', 'olga@example.org', 'secret.fasta'), '>secret\nACGT\n');
  }, 60_000);
  afterAll(() => web?.close());

  const of = (name: string) => browsers.get(name)!;
  const users = () => web.app.get(DataSource).getRepository(User);
  const person = (name: string) => users().findOneByOrFail({ email: `${name}@example.org` });
  const prove = (name: string) => users().update({ email: `${name}@example.org` }, { confirmedMs: 1 });
  const letIn = (who: string, role = 'read') => of('olga').postForm(`${at}/members`, { who, role }, { page: `${at}/shares` });
  const runs = () => web.app.get(DataSource).getRepository(Run);
  const rows = () =>
    web.app
      .get(DataSource)
      .getRepository(ProjectMember)
      .find({ order: { createdMs: 'ASC' } });
  const rowOf = async (label: string) => (await rows()).find((row) => row.label === label)!;
  const status = async (name: string, path: string) => (await of(name).get(path)).status;

  async function upload(name: string, file: string, content: string, onConflict: string): Promise<TestAnswer> {
    const browser = of(name);
    const token = await browser.token('/projects');
    const { body, contentType } = multipart([
      { name: 'onConflict', content: onConflict },
      { name: 'files', fileName: file, content },
    ]);
    return browser.send(`${at}/files`, {
      method: 'POST',
      headers: { 'content-type': contentType, 'x-csrf-token': token, accept: 'application/json' },
      body,
    });
  }

  async function begin(name: string, file: string, more = ''): Promise<TestAnswer> {
    const token = await of(name).token('/projects');
    const metadata = `filename ${Buffer.from(file).toString('base64')}${more}`;
    const headers = { ...TUS, 'x-csrf-token': token, 'upload-length': '5', 'upload-metadata': metadata };
    return of(name).send(`${at}/uploads`, { method: 'POST', headers });
  }

  const ask = async (name: string, fields: Record<string, string> = {}) =>
    of(name).postForm(`${at}/run/fasta-stats`, { 'p.input': 'project:a.fasta', submission: randomUUID(), ...fields });
  const runIdOf = (answer: TestAnswer) => Number(answer.location?.split('/').at(-1));

  it('are private at first', async () => {
    for (const name of ['rita', 'rob', 'eve', 'guest']) expect([name, await status(name, at)]).toEqual([name, 404]);
    expect(wordsOf(mainOf(await of('olga').get(at)))).toContain('· private');
    expect((await of('guest').get('/projects')).body).not.toContain('Spleen');
  });

  it('say nothing of who has an account, and count for whoever has proved the address', async () => {
    const said = async (who: string) => {
      const answer = await letIn(who);
      return [answer.status, wordsOf(mainOf(await of('olga').get(`${at}/shares`))).includes(`${who} has access now.`)];
    };
    // With a proved account, with one that only typed the address, and with none.
    for (const name of ['rita', 'eve', 'nobody']) expect(await said(`${name}@example.org`)).toEqual([303, true]);
    expect(wordsOf(mainOf(await of('olga').get(at)))).toContain('· shared with 3 people');
    const page = mainOf(await of('olga').get(`${at}/shares`));
    const shown = (name: string) =>
      page
        .split('<tr>')
        .map((row) => row.split('</tr>')[0])
        .find((row) => row.includes(`${name}@example.org`))!
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '')
        .replaceAll(name, '…');
    const plain = (name: string) => shown(name).replace(/<time[^]*?<\/time>/g, '');
    expect(plain('eve')).toBe(plain('rita'));
    expect(plain('nobody')).toBe(plain('rita'));
    expect([await status('rita', at), await status('eve', at)]).toEqual([200, 404]);
    await prove('eve');
    expect(await status('eve', at)).toBe(200);
    expect(await rowOf('eve@example.org')).toMatchObject({ kind: 'person', subject: (await person('eve')).id });
    const mails = await web.app.get(DataSource).getRepository(Mail).find();
    expect(mails.filter(({ kind }) => kind === 'shared').map(({ recipient }) => recipient)).toEqual(['rita@example.org']);
    for (const [who, sentence] of [
      ['olga@example.org', 'That is your own address.'],
      ['', 'Type an address'],
      ['no such group', 'You are in no group named no such group'],
      ['a@b@c', 'address'],
    ]) {
      const refused = await letIn(who);
      expect([who, refused.status, wordsOf(mainOf(refused)).includes(sentence)]).toEqual([who, 422, true]);
    }
    expect((await letIn('rob@example.org', 'own')).status).toBe(422);
  });

  it('let members look, and find the project among theirs, marked with whose it is', async () => {
    for (const page of ['/projects', '/'])
      expect(wordsOf(mainOf(await of('rita').get(page)))).toMatch(/Shared with you.*Spleen <1>.*of olga/);
    const page = mainOf(await of('rita').get(at));
    expect(wordsOf(page)).toContain('of olga · you may look');
    expect(page).not.toMatch(/data-upload|files\/delete|\/shares"|\/settings"|\/run\//);
    expect((await of('rita').get(`${at}/files/a.fasta`)).body).toContain('ACGT');
    expect([await status('rita', `${at}/zip`), await status('rita', `${at}/run`), await status('rita', `${at}/trash`)]).toEqual([
      200, 403, 403,
    ]);
    expect((await ask('rita')).status).toBe(403);
    expect((await upload('rita', 'b.fasta', 'x', 'keepBoth')).status).toBe(403);
  });

  it('let those who may run add files, and change none that are there', async () => {
    await letIn('rob@example.org', 'run');
    expect(wordsOf(mainOf(await of('rob').get(at)))).toContain('you may look and run');
    expect((await upload('rob', 'b.fasta', '>b\nAC\n', 'keepBoth')).status).toBe(200);
    const refused = await upload('rob', 'a.fasta', 'gone', 'replace');
    expect([refused.status, refused.body]).toEqual([409, expect.stringContaining('somebody else')]);
    expect((await begin('rob', 'a.fasta', `,onConflict ${Buffer.from('replace').toString('base64')}`)).status).toBe(403);
    expect((await begin('rob', 'new.fasta')).status).toBe(201);
    expect(readFileSync(join(folder, 'a.fasta'), 'utf8')).toContain('ACGT');
    for (const way of [
      'files/delete',
      'files/rename',
      'files/move',
      'files/copy',
      'files/extract',
      'files/restore',
      'rename',
      'delete',
      'trash/empty',
      'members',
      'shares',
      'inbox',
    ])
      expect([
        way,
        (await of('rob').postForm(`${at}/${way}`, { name: 'a.fasta', typed: 'Spleen <1>', who: 'eve@example.org', role: 'run' })).status,
      ]).toEqual([way, 403]);
    expect(existsSync(join(folder, 'a.fasta'))).toBe(true);
  });

  it('keep half-sent files to those who send them', async () => {
    const theirs = (await begin('olga', 'big.tif')).location!;
    const mine = (await begin('rob', 'mine.tif')).location!;
    const listed = async (name: string) =>
      (JSON.parse((await of(name).get(`${at}/uploads`)).body) as { uploads: { name: string }[] }).uploads.map((one) => one.name);
    expect(await listed('rob')).toEqual(['new.fasta', 'mine.tif']);
    expect(await listed('olga')).toEqual(['new.fasta', 'big.tif', 'mine.tif']);
    expect((await of('rob').postForm(`${theirs}/discard`)).status).toBe(404);
    const token = await of('rob').token('/projects');
    for (const method of ['HEAD', 'DELETE'])
      expect((await of('rob').send(theirs, { method, headers: { ...TUS, 'x-csrf-token': token } })).status).toBe(404);
    expect((await of('rob').postForm(`${mine}/discard`)).status).toBe(303);
    expect((await of('olga').postForm(`${theirs}/discard`)).status).toBe(303);
    const sameKey = `,key ${Buffer.from('0123456789').toString('base64')}`;
    for (const name of ['olga', 'rob']) expect((await begin(name, 'same key.tif', sameKey)).status).toBe(201);
    expect((await listed('olga')).filter((file) => file === 'same key.tif')).toHaveLength(2);
  });

  it("never open the owner's folder in the inbox", async () => {
    const form = async (name: string) => (await of(name).get(`${at}/run/fasta-stats`)).body;
    expect(await form('olga')).toContain('secret.fasta');
    expect(await form('rob')).not.toContain('secret.fasta');
    expect((await ask('rob', { 'p.input': 'own:secret.fasta' })).status).toBe(422);
    const own = await ask('olga', { 'p.input': 'own:secret.fasta' });
    expect(own.status).toBe(303);
    expect((await ask('rob', { 'sweep.1.parameter': 'input', 'sweep.1.values': 'project:a.fasta\nown:secret.fasta' })).status).toBe(422);
    await of('olga').postForm(`${own.location}/cancel`);
    const again = await of('rob').postForm(`${own.location}/again`);
    expect(again.location).toContain('/run/fasta-stats?from=');
    expect((await of('rob').get(again.location!)).status).toBe(200);
  });

  it('count runs for who asked, who may end and repeat their own, and no others', async () => {
    const theirs = await ask('rob');
    const owners = await ask('olga');
    const run = await web.app
      .get(DataSource)
      .getRepository(Run)
      .findOneByOrFail({ id: runIdOf(theirs) });
    expect(run.ownerId).toBe((await person('rob')).id);
    for (const name of ['rita', 'olga', 'rob']) expect([name, await status(name, theirs.location!)]).toEqual([name, 200]);
    expect(await status('guest', theirs.location!)).toBe(403);
    expect((await of('rob').postForm(`${owners.location}/cancel`)).status).toBe(403);
    expect((await of('rob').postForm(`${owners.location}/keep`)).status).toBe(403);
    expect((await of('rita').postForm(`${theirs.location}/cancel`)).status).toBe(403);
    expect((await of('rob').postForm(`${theirs.location}/cancel`)).status).toBe(303);
    expect((await of('rob').postForm(`${theirs.location}/requeue`)).status).toBe(303);
    const next = await ask('rob', { 'p.shortest': '3' });
    expect((await of('olga').postForm(`${next.location}/cancel`)).status).toBe(303);
    const cancelled = wordsOf(mainOf(await of('rob').get(next.location!)));
    expect([cancelled.includes('Cancelled by olga'), cancelled.includes('administrator')]).toEqual([true, false]);
    const sweep = async (name: string) => (await ask(name, { 'sweep.1.parameter': 'shortest', 'sweep.1.values': '1, 2' })).location!;
    const [mine, hers] = [await sweep('rob'), await sweep('olga')];
    expect([mine, hers]).toEqual([expect.stringContaining('/sweeps/'), expect.stringContaining('/sweeps/')]);
    expect((await of('rob').postForm(`${hers}/cancel`)).status).toBe(403);
    expect((await of('rob').postForm(`${hers}/requeue`)).status).toBe(403);
    expect((await of('rob').postForm(`${mine}/cancel`)).status).toBe(303);
    expect((await of('olga').postForm(`${hers}/cancel`)).status).toBe(303);
    await of('olga').postForm(`${owners.location}/cancel`);
    expect(mainOf(await of('rita').get('/queue'))).toContain(`#${runIdOf(theirs)}`);
  });

  it('close at once to whoever is taken out, also to what they asked for', async () => {
    const theirs = await ask('rob');
    const { id } = await rowOf('rob@example.org');
    expect((await of('olga').postForm(`${at}/members/${id}/role`, { role: 'read' })).status).toBe(303);
    expect((await ask('rob')).status).toBe(403);
    expect((await of('rob').postForm(`${theirs.location}/cancel`)).status).toBe(303);
    expect((await of('rob').postForm(`${theirs.location}/requeue`)).status).toBe(403);
    expect((await of('olga').postForm(`${at}/members/${id}/remove`)).status).toBe(303);
    expect([await status('rob', at), await status('rob', theirs.location!)]).toEqual([404, 403]);
    expect((await of('rob').postForm(`${theirs.location}/requeue`)).status).toBe(403);
    expect((await of('rob').get('/projects')).body).not.toContain('Spleen');
    expect((await of('rob').get(`/projects/${randomUUID()}`)).status).toBe(404);
    const undo = /name="who" value="(rob@example\.org)"/.exec((await of('olga').get(`${at}/shares`)).body);
    expect(undo).not.toBeNull();
    // A member of one project reaches no other by its number.
    const other = (await of('olga').postForm('/projects', { name: 'Other' }, { page: '/projects' })).location!;
    const row = await rowOf('rita@example.org');
    expect((await of('olga').postForm(`${other}/members/${row.id}/role`, { role: 'run' })).status).toBe(303);
    expect(await rowOf('rita@example.org')).toMatchObject({ role: 'read' });
    expect(await status('rita', other)).toBe(404);
  });

  it('take nothing more from whoever is taken out while they send a file or ask for many runs', async () => {
    await letIn('rob@example.org', 'run');
    const rob = await person('rob');
    const project = await web.app
      .get(DataSource)
      .getRepository(Project)
      .findOneByOrFail({ id: at.split('/').at(-1) });
    const pipeline = (await web.app.get(PipelineCatalogue, { strict: false }).find('fasta-stats'))!;
    const submission = web.app.get(RunSubmission, { strict: false });
    const fields = { input: 'project:a.fasta', shortest: '5' };
    expect(await submission.submit(rob, project, pipeline, randomUUID(), fields)).toMatchObject({ ok: true, created: true });
    const { location } = await begin('rob', 'late.fasta');
    const headers = {
      ...TUS,
      host: of('rob').host,
      origin: of('rob').origin,
      cookie: [...of('rob').cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      'x-csrf-token': await of('rob').token('/projects'),
      'content-type': 'application/offset+octet-stream',
      'content-length': '5',
      'upload-offset': '0',
    };
    const sending = request({ host: '127.0.0.1', port: of('rob').port, path: location!, method: 'PATCH', headers, agent: false });
    const answered = new Promise<number>((resolve) => sending.on('response', (response) => resolve(response.statusCode ?? 0)));
    sending.write('ab');
    const uploads = web.app.get(DataSource).getRepository(Upload);
    const id = location!.split('/').at(-1)!;
    await until(async () => (await uploads.findOneByOrFail({ id })).lockHolder !== null);
    await of('olga').postForm(`${at}/members/${(await rowOf('rob@example.org')).id}/remove`);
    sending.end('cde');
    expect(await answered).toBe(404);
    expect([await uploads.existsBy({ id }), readdirSync(folder).includes('late.fasta')]).toEqual([false, false]);
    await expect(submission.submit(rob, project, pipeline, randomUUID(), fields)).rejects.toThrow(NotFoundError);
  });

  it('are left by members, by name and by group', async () => {
    expect((await of('rita').postForm(`${at}/leave`)).location).toBe('/projects');
    expect(await status('rita', at)).toBe(404);
    expect((await of('olga').postForm(`${at}/leave`)).status).toBe(404);
    const groups = web.app.get(Groups, { strict: false });
    const core = await groups.make({ name: 'Core', description: '' });
    await groups.add(core, [await person('rita')]);
    expect((await letIn('Core', 'run')).status).toBe(422);
    await groups.add(core, [await person('olga')]);
    expect((await letIn('core', 'run')).status).toBe(303);
    expect(await status('rita', `${at}/run`)).toBe(200);
    expect((await of('rita').postForm(`${at}/leave`)).location).toBe(at);
    await groups.remove(core, await person('rita'));
    expect(await status('rita', at)).toBe(404);
  });

  it('keep what a member made when the account goes, and forget who was in when the project goes', async () => {
    await letIn('rob@example.org', 'run');
    const theirs = runIdOf(await ask('rob', { 'p.shortest': '4' }));
    await of('rob').postForm(`/runs/${theirs}/cancel`);
    for (const { id } of await runs().findBy({ ownerId: (await person('rob')).id, finishedMs: IsNull() }))
      await of('olga').postForm(`/runs/${id}/cancel`);
    mkdirSync(join(folder, 'runs', String(theirs)), { recursive: true });
    writeFileSync(join(folder, 'runs', String(theirs), 'result.csv'), 'a\n1\n');
    await users().update({ email: 'rob@example.org' }, { leavingMs: 1 });
    const cleaner = await Test.createTestingModule({ imports: [CleanerModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config)
      .compile();
    for (const waste of await cleaner.get(LeavingAccounts).find(Date.now())) await waste.remove();
    await cleaner.close();
    expect(await users().existsBy({ email: 'rob@example.org' })).toBe(false);
    expect(existsSync(join(folder, 'runs', String(theirs), 'result.csv'))).toBe(true);
    expect(await status('olga', `/runs/${theirs}`)).toBe(200);
    expect((await of('olga').postForm(`${at}/delete`, { typed: 'Spleen <1>' })).status).toBe(303);
    expect(await rows()).toEqual([]);
  });

  it('let in whose the address is, and nobody who had it before', async () => {
    const other = (await of('olga').postForm('/projects', { name: 'Third' }, { page: '/projects' })).location!;
    const open = (role: string) => of('olga').postForm(`${other}/members`, { who: 'eve@example.org', role }, { page: `${other}/shares` });
    await open('read');
    const before = await person('eve');
    await users().update({ id: before.id }, { email: 'moved@example.org' });
    await web.browser().signUp('eve@example.org');
    await prove('eve');
    await open('run');
    const roles = new Map((await rows()).map(({ subject, role }) => [subject, role]));
    const expected: [string, string][] = [
      [before.id, 'read'],
      [(await person('eve')).id, 'run'],
    ];
    expect(roles).toEqual(new Map(expected));
    const row = (await rows()).find(({ subject }) => subject === before.id)!;
    await of('olga').postForm(`${other}/members/${row.id}/remove`);
    const page = (await of('olga').get(`${other}/shares`)).body;
    expect([page.includes('eve@example.org'), /name="who" value="eve@example\.org"/.test(page)]).toEqual([true, false]);
  });

  it('are nothing that guests can give', async () => {
    const own = (await of('guest').postForm('/projects', { name: 'Theirs' }, { page: '/projects' })).location!;
    expect((await of('guest').postForm(`${own}/members`, { who: 'eve@example.org', role: 'run' })).status).toBe(403);
    expect((await of('guest').get(`${own}/shares`)).body).not.toContain('id="members"');
  });
});
