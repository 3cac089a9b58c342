import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { OwnerTransactions } from '../../../src/common/database/owner-transactions';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { GuestMovesRepository } from '../../../src/common/guests/guest-moves.repository';
import { PresetsRepository } from '../../../src/common/presets/presets.repository';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import type { Project } from '../../../src/common/projects/project.entity';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { Space } from '../../../src/common/space/space';
import { Trash } from '../../../src/common/trash/trash';
import type { User } from '../../../src/common/users/user.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { ShareLinks } from '../../../src/web/shares/share-links';
import { aNewRun } from '../../factories';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { aRunner } from '../queue/queue-stage';

const OWNED = ['projects', 'queue', 'sweeps', 'presets', 'inbox_links', 'file_tasks', 'space_reservations', 'space_usage', 'turns'];
let people = 0;

/** A guest with a project of everything, and somebody with an account. */
interface Pair {
  guest: { browser: TestBrowser; person: User; project: Project };
  account: { browser: TestBrowser; person: User; email: string; password: string };
}

describe('a guest who logs in to an account', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({ USER_SPACE: '2 kB', USER_PROJECTS: '3', DEMO_USERLIST: 'demo@example.org' });
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => web?.close());

  const query = <Row>(statement: string, ...values: unknown[]) => web.app.get(DataSource).query<Row[]>(statement, values);
  const get = <Thing>(type: abstract new (...args: never[]) => Thing) => web.app.get<Thing>(type, { strict: false });
  const place = ({ homeId, id }: Project, ...names: string[]) => join(web.database.config.filesRoot, homeId, id, ...names);
  const count = async (table: string, ownerId: string) =>
    Number((await query<{ n: number | string }>(`SELECT COUNT(*) AS n FROM ${table} WHERE owner_id = ?`, ownerId))[0].n);
  const logIn = ({ guest, account: { email, password } }: Pair) => guest.browser.postForm('/login', { email, password, next: '/projects' });

  async function aGuestAtWork(bytes: number): Promise<Pair['guest']> {
    const browser = web.browser();
    await browser.enterAsGuest();
    const [row] = await query<{ id: string }>("SELECT id FROM users WHERE kind = 'guest' ORDER BY created_ms DESC, id LIMIT 1");
    const [session] = await query<{ user_id: string }>('SELECT user_id FROM sessions ORDER BY created_ms DESC LIMIT 1');
    const person = (await get(UsersRepository).findById(session?.user_id ?? row.id))!;
    const project = await get(ProjectCreation).create(person.id, 'Spleen');
    writeFileSync(place(project, 'a.tif'), 'x'.repeat(bytes));
    return { browser, person, project };
  }

  async function pair(bytes = 500, email = `moves-in-${(people += 1)}@example.org`): Promise<Pair> {
    const browser = web.browser();
    const known = await browser.signUp(email);
    const person = (await get(UsersRepository).findByEmail(known.email))!;
    return { account: { browser, person, ...known }, guest: await aGuestAtWork(bytes) };
  }

  it('takes along projects, runs, presets, links and files, and what goes on goes on', async () => {
    const both = await pair();
    const { guest, account } = both;
    await get(ProjectCreation).create(account.person.id, 'Spleen');
    const store = get(QueueStore);
    const ofGuest = { ownerId: guest.person.id, projectId: guest.project.id };
    const runner = aRunner('mover');
    await store.registerRunner(runner);
    const running = (await store.enqueue(aNewRun(ofGuest))).runId;
    const [claimed] = await store.claim(runner, 1);
    const waiting = (await store.enqueue(aNewRun(ofGuest))).runId;
    const ended = (await store.enqueue(aNewRun(ofGuest))).runId;
    await store.requestCancel(ended, 'by the guest');
    mkdirSync(place(guest.project, 'runs', String(ended)), { recursive: true });
    writeFileSync(place(guest.project, 'runs', String(ended), 'out.txt'), 'result');
    const preset = { pipelineId: 'nuclei', name: 'usual', entries: {} };
    await get(PresetsRepository).put({ ...preset, id: 'p-guest', ownerId: guest.person.id });
    await get(PresetsRepository).put({ ...preset, id: 'p-own', ownerId: account.person.id });
    const { secret } = await web.app
      .get(ShareLinks, { strict: false })
      .make({ projectId: guest.project.id, runId: null, note: '', days: '1' });
    writeFileSync(place(guest.project, 'gone.tif'), 'old');
    const deletion = await get(Trash).delete(guest.project, [], [Buffer.from('gone.tif')], guest.person);
    const reservation = await get(Space).reserve(
      guest.person.id,
      { bytes: 10, files: 1 },
      { projectId: guest.project.id, what: 'upload', forMs: 60_000 },
    );

    expect(mainOf(await guest.browser.get('/login'))).toContain('What you made as guest moves into your account. Not into a demo account');
    const answer = await logIn(both);
    expect([answer.status, answer.location]).toEqual([303, '/projects']);
    expect(guest.browser.cookies.has('showrunner_guest')).toBe(false);

    const list = mainOf(await guest.browser.get('/projects'));
    expect(list).toContain('1 project and 3 runs of your guest space are in your account now.');
    expect(list).toContain('Spleen (2)');
    expect((await guest.browser.get('/projects')).body).not.toContain('are in your account now');
    const project = (await get(ProjectsRepository).findById(guest.project.id))!;
    expect(project).toMatchObject({ ownerId: account.person.id, homeId: guest.person.id, name: 'Spleen (2)' });
    for (const path of ['files/a.tif', '', 'trash', 'settings', 'shares'])
      expect([path, (await guest.browser.get(`/projects/${project.id}/${path}`)).status]).toEqual([path, 200]);
    expect((await guest.browser.get(`/runs/${ended}/files/out.txt`)).body).toBe('result');
    expect((await web.browser().get(`/shared/${secret}`)).status).toBe(303);
    expect((await get(PresetsRepository).ofPerson(account.person.id, 'nuclei')).map(({ name }) => name)).toEqual(['usual', 'usual (2)']);
    expect((await get(Trash).restore(project, deletion.id)).names).toEqual(['gone.tif']);
    expect(existsSync(place(project, 'gone.tif'))).toBe(true);

    expect(
      await store.authorise({ runId: claimed.id, fence: claimed.fence }, {
        kind: 'process',
        pid: 1,
        startTicks: '1',
        host: 'h',
        bootId: 'b',
      } as never),
    ).toBe(true);
    for (const id of [running, waiting, ended]) expect((await get(RunsRepository).find(id))?.ownerId).toBe(account.person.id);
    await get(Space).settle(reservation, { bytes: 10, files: 1 });
    expect(await get(Space).measure(account.person.id)).toEqual({ files: 3, bytes: 500 + 'result'.length + 'old'.length });
    for (const table of OWNED) expect([table, await count(table, guest.person.id)]).toEqual([table, 0]);
    expect(await get(UsersRepository).findById(guest.person.id)).toBeNull();
    expect(readFileSync(place(project, 'a.tif')).length).toBe(500);
    await store.retireRunner(runner);
  });

  it('has everything on one side or the other, wherever the move is broken off, and only has to log in again', async () => {
    const both = await pair();
    const { guest, account } = both;
    await get(QueueStore).enqueue(aNewRun({ ownerId: guest.person.id, projectId: guest.project.id }));
    await get(ProjectCreation).create(account.person.id, 'Spleen');
    const moves = get(GuestMovesRepository);
    const run = OwnerTransactions.prototype.run;
    let steps = Number.POSITIVE_INFINITY;
    for (let step = 0; step < steps; step += 1) {
      const broken = jest.spyOn(OwnerTransactions.prototype, 'run').mockImplementation(function (
        this: OwnerTransactions,
        owner,
        statements,
        values,
      ) {
        // Space is counted in the background.
        if (!('guestId' in values)) return run.call(this, owner, statements, values);
        steps = statements.length;
        return run.call(this, owner, [...statements.slice(0, step + 1), 'DELETE FROM no_such_table'], values);
      });
      await expect(moves.move(guest.person.id, account.person.id)).rejects.toThrow();
      broken.mockRestore();
      expect([step, await count('projects', guest.person.id), await count('queue', guest.person.id)]).toEqual([step, 1, 1]);
      expect((await guest.browser.get(`/projects/${guest.project.id}`)).status).toBe(200);
    }
    expect(steps).toBeGreaterThan(10);

    // Killed between the move and the new session: nobody is logged in, and nothing is lost.
    expect(await moves.move(guest.person.id, account.person.id)).toEqual({ projects: 1, runs: 1 });
    expect((await guest.browser.get('/projects')).location).toContain('/login');
    expect((await logIn(both)).status).toBe(303);
    expect(mainOf(await guest.browser.get('/projects'))).toContain('Spleen (2)');
    expect(await moves.move(guest.person.id, account.person.id)).toEqual({ projects: 0, runs: 0 });
  });

  it('brings names that the account has in other letters, also where the database holds them to be the same', async () => {
    if (web.database.kind === 'mariadb') {
      const column = (table: string, length: number) =>
        `ALTER TABLE ${table} MODIFY name varchar(${length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL`;
      for (const statement of [column('projects', 200), column('presets', 100)]) await query(statement);
    }
    const both = await pair();
    const [guest, account] = [both.guest.person.id, both.account.person.id];
    for (const name of ['SPLEEN', 'spleen (2)', 'Strasse']) await get(ProjectCreation).create(account, name);
    await get(ProjectCreation).create(guest, 'STRASSE');
    for (const [id, ownerId, name] of [
      ['case-own', account, 'Usual'],
      ['case-guest', guest, 'usual'],
    ])
      await get(PresetsRepository).put({ id: `${id}-${people}`, ownerId, pipelineId: 'nuclei', name, entries: {} });
    expect(await get(GuestMovesRepository).move(guest, account)).toEqual({ projects: 2, runs: 0 });
    const names = (await get(ProjectsRepository).findByOwner(account)).map(({ name }) => name).sort();
    const presets = (await get(PresetsRepository).ofPerson(account, 'nuclei')).map(({ name }) => name).sort();
    if (web.database.kind === 'mariadb') {
      expect(names).toEqual(['SPLEEN', 'STRASSE (2)', 'Spleen (3)', 'Strasse', 'spleen (2)']);
      expect(presets).toEqual(['Usual', 'usual (2)']);
    } else {
      expect(names).toEqual(['SPLEEN', 'STRASSE', 'Spleen', 'Strasse', 'spleen (2)']);
      expect(presets).toEqual(['Usual', 'usual']);
    }
  });

  it('gets in with a clear word where the move fails, and finds the guest space as it was', async () => {
    const both = await pair();
    const failing = jest.spyOn(OwnerTransactions.prototype, 'run').mockRejectedValue(new Error('the disk is full'));
    const answer = await logIn(both);
    failing.mockRestore();
    expect(answer.status).toBe(303);
    expect(mainOf(await both.guest.browser.get('/projects'))).toContain('could not move into your account just now');
    expect(both.guest.browser.cookies.has('showrunner_guest')).toBe(true);
    await both.guest.browser.postForm('/logout');
    await both.guest.browser.enterAsGuest();
    expect((await logIn(both)).status).toBe(303);
    expect(mainOf(await both.guest.browser.get('/projects'))).toContain('1 project and 0 runs of your guest space');
  });

  it('leaves everything where it is when the account is a demo, and finds it again as guest', async () => {
    const both = await pair(500, 'demo@example.org');
    const { guest, account } = both;
    expect((await logIn(both)).status).toBe(303);
    expect((await guest.browser.get(`/projects/${guest.project.id}`)).status).toBe(404);
    expect([await count('projects', guest.person.id), await count('projects', account.person.id)]).toEqual([1, 0]);
    await guest.browser.postForm('/logout');
    await guest.browser.enterAsGuest();
    expect((await guest.browser.get(`/projects/${guest.project.id}`)).status).toBe(200);
  });

  it('is told when the account is over its limits with what came, and loses nothing', async () => {
    const both = await pair(3000);
    await get(Space).measure(both.guest.person.id);
    await logIn(both);
    expect(mainOf(await both.guest.browser.get('/projects'))).toMatch(/Your space is more than full with them: 3(\.0)? kB of 2(\.0)? kB/);
    const token = { projectId: both.guest.project.id, what: 'upload' as const, forMs: 1000 };
    await expect(get(Space).reserve(both.account.person.id, { bytes: 1, files: 1 }, token)).rejects.toThrow(/kB/);

    const crowded = await pair();
    for (const name of ['1', '2', '3']) await get(ProjectCreation).create(crowded.account.person.id, name);
    await logIn(crowded);
    expect(mainOf(await crowded.guest.browser.get('/projects'))).toContain('you have more than the 3 projects that you may have');
  });

  it('finds also what a request under way wrote a moment later, and its space counts for the account', async () => {
    const both = await pair();
    await logIn(both);
    const late = await get(ProjectCreation).create(both.guest.person.id, 'Late');
    await get(Space).add(both.guest.person.id, { bytes: 7, files: 1 });
    expect((await both.guest.browser.get(`/projects/${late.id}`)).status).toBe(404);
    const moves = get(GuestMovesRepository);
    for (const { guestId, accountId } of await moves.findUnfinished()) await moves.move(guestId, accountId);
    expect((await both.guest.browser.get(`/projects/${late.id}`)).status).toBe(200);
    expect(await moves.findUnfinished()).toEqual([]);
    expect(get(ProjectFiles).of(late)).toBeDefined();
  });

  it('moves into no guest, and only once: a second account gets nothing, and a run that is over changes its owner by no other way', async () => {
    const [first, second] = [await pair(), await pair()];
    const moves = get(GuestMovesRepository);
    expect(await moves.move(first.guest.person.id, second.guest.person.id)).toBeNull();
    expect(await moves.move(first.account.person.id, second.account.person.id)).toBeNull();
    expect(await moves.move(first.guest.person.id, first.account.person.id)).toEqual({ projects: 1, runs: 0 });
    expect(await moves.move(first.guest.person.id, second.account.person.id)).toBeNull();
    const { runId } = await get(QueueStore).enqueue(aNewRun({ ownerId: first.account.person.id, projectId: first.guest.project.id }));
    await get(QueueStore).requestCancel(runId, 'over');
    await expect(query('UPDATE queue SET owner_id = ? WHERE id = ?', second.account.person.id, runId)).rejects.toThrow(
      'a final row never changes',
    );
  });

  it('is told on the pages where a guest works until when it is kept', async () => {
    const { guest, account } = await pair();
    const until = new Date(guest.person.lastSeenMs + 7 * 86_400_000).toISOString();
    for (const path of ['/', '/projects', `/projects/${guest.project.id}`, '/queue']) {
      const page = mainOf(await guest.browser.get(path));
      expect([path, page.includes('Your guest space and its files are kept until'), page.includes(until)]).toEqual([path, true, true]);
    }
    expect(mainOf(await guest.browser.get('/login'))).not.toContain('Your guest space and its files are kept until');
    expect(mainOf(await account.browser.get('/projects'))).not.toContain('Your guest space and its files are kept until');
  });
});
