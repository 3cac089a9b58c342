import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataSource } from 'typeorm';
import { CleanerLockRepository } from '../../../src/cleaner/cleaner-lock.repository';
import { Chores } from '../../../src/cleaner/chores';
import { NOTHING } from '../../../src/common/cleaning/chore';
import { OldThumbnails } from '../../../src/cleaner/tasks/old-thumbnails';
import { until } from '../../until';
import { RunLink } from '../../../src/common/chains/run-link.entity';
import { GuestsRepository } from '../../../src/common/cleaning/guests.repository';
import { NotFoundError } from '../../../src/common/errors';
import { FileTasksRepository } from '../../../src/common/file-tasks/file-tasks.repository';
import { parseEntryPath } from '../../../src/common/files/entry-name';
import { linkContent } from '../../../src/common/inbox/link-file';
import { keptInWords } from '../../../src/common/kept-sentences';
import { PresetsRepository } from '../../../src/common/presets/presets.repository';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { SweepsRepository } from '../../../src/common/sweeps/sweeps.repository';
import { Trash } from '../../../src/common/trash/trash';
import { text } from '../../../src/locales/text';
import { aCapacity, aGuest, aProject, aUser } from '../../factories';
import { CleanerBench, DAY_MS } from './cleaner-bench';

describe('the cleaner', () => {
  let bench: CleanerBench;
  let inbox: string;
  let outbox: string;

  beforeEach(async () => {
    bench = await CleanerBench.open({ INBOX_DIR: '/nowhere/inbox', OUTBOX_DIR: '/nowhere/outbox' });
    inbox = join(bench.database.folder, 'inbox');
    outbox = join(bench.database.folder, 'outbox');
    Object.assign(bench.config, { settings: { ...bench.config.settings, INBOX_DIR: inbox, OUTBOX_DIR: outbox } });
  });
  afterEach(() => bench.close());

  it('ends well when there is nothing at all', async () => {
    expect(await bench.clean()).toBe(0);
    expect(await bench.dryRun()).toEqual(['Would delete nothing: 0 files, 0 bytes. Nothing was changed.']);
  });

  describe('runs', () => {
    it('go after the retention time with results, log, outbox copy and all rows; uploads stay', async () => {
      const project = await bench.addPerson();
      const upload = bench.write(bench.fileOf(project, 'tissue.tif'));
      const runId = await bench.finishedRun(project);
      const copy = bench.write(join(outbox, String(runId), 'overlay.png'));
      await bench.clean();
      bench.passDays(6.99);
      await bench.clean();
      expect([bench.resultOf(project, runId), bench.logOf(runId), copy].map(existsSync)).toEqual([true, true, true]);
      expect(await bench.count('queue')).toBe(1);

      bench.passDays(0.02);
      const lines = await bench.dryRun();
      expect(lines[0]).toMatch(new RegExp(`^ +1\\.5 kB {2}run ${runId} \\[nuclei\\], ended .* \\(expired runs\\)$`));
      expect(existsSync(copy)).toBe(true);

      expect(await bench.clean()).toBe(0);
      expect([bench.resultOf(project, runId), bench.logOf(runId), copy].map(existsSync)).toEqual([false, false, false]);
      for (const table of ['queue', 'run_details', 'run_events', 'mails']) expect([table, await bench.count(table)]).toEqual([table, 0]);
      expect(existsSync(upload)).toBe(true);
      expect(await bench.count('projects')).toBe(1);
    });

    it('stay while they wait or run, however old, and when they are kept', async () => {
      const project = await bench.addPerson();
      const kept = await bench.finishedRun(project);
      await bench.context.get(RunsRepository).setKeep(kept, true);
      bench.write(join(outbox, String(kept), 'x'));
      const running = await bench.start(project);
      bench.writeRun(project, running);
      const waiting = await bench.enqueue(project);
      bench.passDays(400);
      expect(await bench.clean()).toBe(0);
      for (const runId of [kept, running])
        expect([bench.resultOf(project, runId), bench.logOf(runId)].map(existsSync)).toEqual([true, true]);
      expect(existsSync(join(outbox, String(kept), 'x'))).toBe(true);
      expect((await bench.context.get(RunsRepository).findByIds([kept, running, waiting])).length).toBe(3);
    });

    it('stay while another reads their results, by a file or as an earlier run', async () => {
      const project = await bench.addPerson();
      const [byFile, byNumber, free] = [
        await bench.finishedRun(project),
        await bench.finishedRun(project),
        await bench.finishedRun(project),
      ];
      bench.passDays(8);
      const input = `project:runs/${byFile}/deep/overlay.png`;
      const manifest = { parameters: [{ name: 'before', type: 'run' }] };
      const reader = await bench.enqueue(project, { parameters: { rows: [{ image: input }], before: String(byNumber) }, manifest });
      expect((await bench.dryRun()).filter((line) => line.includes('expired runs'))).toEqual([expect.stringContaining(`run ${free} [`)]);
      expect(await bench.clean()).toBe(0);
      expect([byFile, byNumber, free].map((id) => existsSync(bench.resultOf(project, id)))).toEqual([true, true, false]);
      await bench.store.requestCancel(reader, 'test');
      expect(await bench.clean()).toBe(0);
      expect([byFile, byNumber].map((id) => existsSync(bench.resultOf(project, id)))).toEqual([false, false]);
    });

    it('that were half deleted when the cleaner died are finished by the next one', async () => {
      const project = await bench.addPerson();
      const runId = await bench.finishedRun(project);
      bench.passDays(8);
      await bench.rows.query('DELETE FROM run_details');
      rmSync(join(bench.config.runsRoot, String(runId)), { recursive: true });
      expect(await bench.clean()).toBe(0);
      expect(existsSync(bench.resultOf(project, runId))).toBe(false);
      expect(await bench.count('queue')).toBe(0);
    });

    it('whose results are a planted link do not lead the cleaner out', async () => {
      const project = await bench.addPerson();
      const runId = await bench.start(project);
      await bench.store.finish({ runId, fence: 1 }, { state: 'succeeded', exitCode: 0, note: null });
      const treasure = bench.write(join(bench.database.folder, 'treasure', 'gold'));
      mkdirSync(bench.fileOf(project, 'runs'), { recursive: true });
      symlinkSync(join(bench.database.folder, 'treasure'), bench.fileOf(project, `runs/${runId}`));
      bench.passDays(8);
      expect(await bench.clean()).toBe(0);
      expect(existsSync(treasure)).toBe(true);
      expect(await bench.count('queue')).toBe(0);
    });
  });

  describe('guests', () => {
    // Factories let everybody be seen last long ago.
    it('go with projects, files, kept runs and log-ins once they were away long enough and nothing of theirs runs', async () => {
      const guest = aGuest();
      const project = await bench.addPerson(guest);
      const upload = bench.write(bench.fileOf(project, 'tissue.tif'), 2000);
      const runId = await bench.finishedRun(project);
      await bench.context.get(RunsRepository).setKeep(runId, true);
      await bench.rows.query(
        `INSERT INTO sessions (id_hash, user_id, data, created_ms, expires_ms) VALUES ('h', '${guest.id}', '{}', 1, 99999999999999)`,
      );
      expect((await bench.dryRun())[0]).toMatch(/^ +3\.5 kB {2}space of Guest 1A2B, last here 2025-10-09 \(guest spaces\)$/);
      expect(await bench.clean()).toBe(0);
      expect([upload, bench.resultOf(project, runId), bench.logOf(runId)].map(existsSync)).toEqual([false, false, false]);
      for (const table of ['users', 'projects', 'sessions', 'queue', 'run_events'])
        expect([table, await bench.count(table)]).toEqual([table, 0]);
    });

    it('stay while a run of theirs waits, and while they come', async () => {
      const busy = await bench.addPerson(aGuest());
      await bench.enqueue(busy);
      const present = await bench.addPerson(aGuest({ lastSeenMs: Date.now() - 6 * DAY_MS }));
      const files = [busy, present].map((project) => bench.write(bench.fileOf(project, 'a.tif')));
      expect(await bench.clean()).toBe(0);
      expect(files.map(existsSync)).toEqual([true, true]);
      expect(await bench.count('users')).toBe(2);
    });

    it('that come back, or sign up, at the last moment keep everything', async () => {
      const guest = aGuest();
      await bench.addPerson(guest);
      const guests = bench.context.get(GuestsRepository);
      expect(await guests.findExpired(Date.now() - 7 * DAY_MS, 10)).toHaveLength(1);
      await bench.rows.query(`UPDATE users SET kind = 'account', email = 'now@example.org'`);
      expect(await guests.lockOut(guest.id, Date.now() - 7 * DAY_MS)).toBe(false);
      expect(await bench.clean()).toBe(0);
      expect(await bench.count('users')).toBe(1);
    });

    it('lose their key before their files, so that nobody walks into a half deleted space', async () => {
      const guest = aGuest();
      await bench.addPerson(guest);
      expect(await bench.context.get(GuestsRepository).lockOut(guest.id, Date.now())).toBe(true);
      const [row] = await bench.rows.query<{ guest_key_hash: string | null }[]>('SELECT guest_key_hash FROM users');
      expect(row?.guest_key_hash).toBeNull();
      await bench.clean();
      expect(await bench.count('users')).toBe(0);
    });
  });

  it('accounts keep their files and projects for ever', async () => {
    const project = await bench.addPerson(aUser({ lastSeenMs: 1 }));
    const upload = bench.write(bench.fileOf(project, 'tissue.tif'));
    bench.passDays(4000);
    expect(await bench.clean()).toBe(0);
    expect(existsSync(upload)).toBe(true);
  });

  it('forms that were broken off go after a day without a touch', async () => {
    const project = await bench.addPerson();
    const part = bench.write(join(bench.config.filesRoot, project.ownerId, '.staging', `${project.id}.x.part`), 700);
    await bench.clean();
    expect(existsSync(part)).toBe(true);
    bench.passDays(1.01);
    expect((await bench.dryRun())[0]).toMatch(/^ +700 bytes {2}unfinished or deleted files .*\.part \(stale uploads\)$/);
    expect(await bench.clean()).toBe(0);
    expect(existsSync(part)).toBe(false);
  });

  it('ends the deletion of a project that was broken off when its files were gone and its row was not', async () => {
    const project = await bench.addPerson();
    bench.write(bench.fileOf(project, 'a.tif'), 10);
    const gone = join(bench.config.filesRoot, project.ownerId, '.staging', `${project.id}.${randomUUID()}.deleted`);
    mkdirSync(dirname(gone), { recursive: true });
    renameSync(dirname(bench.fileOf(project, 'a.tif')), gone);
    // Something of another project that is being deleted for good says nothing of it.
    const other = await bench.addPerson();
    bench.write(bench.fileOf(other, 'b.tif'), 10);
    mkdirSync(join(bench.config.filesRoot, other.ownerId, '.staging', `${other.id}.${randomUUID()}.deleted`), { recursive: true });
    expect(await bench.clean()).toBe(0);
    expect(await bench.count('projects')).toBe(2);
    bench.passDays(0.1);
    expect((await bench.dryRun()).join('\n')).toContain('the rest of a project that was deleted');
    expect(await bench.clean()).toBe(0);
    expect(await bench.rows.query('SELECT id FROM projects')).toEqual([{ id: other.id }]);
    bench.passDays(1);
    expect(await bench.clean()).toBe(0);
    expect(existsSync(gone)).toBe(false);
  });

  it('forgets sweeps of which no run is left, links of runs that are gone, and what people kept who are gone', async () => {
    const project = await bench.addPerson();
    const sweeps = bench.context.get(SweepsRepository, { strict: false });
    const presets = bench.context.get(PresetsRepository, { strict: false });
    const sweep = (id: string) => {
      const axes = [{ parameter: 'n', label: 'N', values: ['1', '2'] }];
      const { id: projectId, ownerId } = project;
      return { id, projectId, ownerId, pipelineId: 'p', pipelineTitle: 'P', axes, mode: 'all' as const, runCount: 2 };
    };
    const [kept, gone] = [randomUUID(), randomUUID()];
    for (const id of [kept, kept, gone]) await sweeps.add(sweep(id));
    const runId = await bench.enqueue(project);
    for (const position of [0, 0]) await sweeps.addRun(kept, position, runId);
    await sweeps.addRun(gone, 1, 9999);
    const links = [runId, 9999].map((linked) => ({ runId: linked, afterRun: 1, rootRun: 1, isOpen: true }));
    await bench.context.get(DataSource, { strict: false }).getRepository(RunLink).insert(links);
    for (const ownerId of [project.ownerId, project.ownerId, randomUUID()]) {
      await presets.put({ id: randomUUID(), ownerId, pipelineId: 'p', name: 'Mine', entries: { n: ownerId } });
    }
    expect([await bench.count('sweeps'), await bench.count('sweep_runs'), await bench.count('presets')]).toEqual([2, 2, 2]);
    expect(await bench.clean()).toBe(0);
    expect([await bench.count('sweeps'), await bench.count('presets'), await bench.count('run_links')]).toEqual([2, 1, 1]);
    bench.passDays(1.1);
    expect(await bench.clean()).toBe(0);
    expect([await bench.count('sweeps'), await bench.count('sweep_runs')]).toEqual([1, 1]);
    expect([(await sweeps.ofRun(runId))?.id, await sweeps.runsOf(kept)]).toEqual([kept, [{ position: 0, runId }]]);
  });

  describe('resumable uploads', () => {
    it('wait for their rest for UPLOAD_LIFE, and go with their row and their space', async () => {
      const project = await bench.addPerson();
      const upload = await bench.addUpload(project, 'scan.tif', { size: 1000, received: 700 });
      bench.passDays(2.9);
      expect(await bench.clean()).toBe(0);
      expect(existsSync(upload.part)).toBe(true);
      bench.passDays(0.2);
      expect((await bench.dryRun())[0]).toMatch(/^ +700 bytes {2}unfinished upload scan\.tif \(unfinished uploads\)$/);
      expect([existsSync(upload.part), await bench.count('uploads')]).toEqual([true, 1]);
      expect(await bench.clean()).toBe(0);
      expect([existsSync(upload.part), await bench.count('uploads'), await bench.count('space_reservations')]).toEqual([false, 0, 0]);
    });

    it('stay while somebody sends, however old', async () => {
      const project = await bench.addPerson();
      const upload = await bench.addUpload(project, 'scan.tif', { size: 1000, received: 700, heldUntilMs: Date.now() + 30 * DAY_MS });
      bench.passDays(10);
      expect(await bench.clean()).toBe(0);
      expect([existsSync(upload.part), await bench.count('uploads')]).toEqual([true, 1]);
    });

    it('of which every byte is there are put in place instead, whatever interrupted that', async () => {
      const project = await bench.addPerson();
      const whole = await bench.addUpload(project, 'whole.tif', { size: 700, received: 700 });
      const placed = await bench.addUpload(project, 'placed.tif', { size: 300, received: 300 });
      bench.write(bench.fileOf(project, 'older.tif'), 5);
      renameSync(placed.part, bench.fileOf(project, 'placed.tif'));
      bench.passDays(4);
      await bench.dryRun();
      expect(existsSync(bench.fileOf(project, 'whole.tif'))).toBe(false);
      expect(await bench.clean()).toBe(0);
      expect([whole.part, placed.part].map(existsSync)).toEqual([false, false]);
      expect(readdirSync(dirname(bench.fileOf(project, 'x'))).sort()).toEqual(['older.tif', 'placed.tif', 'whole.tif']);
      expect(['whole.tif', 'placed.tif'].map((name) => statSync(bench.fileOf(project, name)).size)).toEqual([700, 300]);
      expect(await bench.count('space_reservations')).toBe(0);
      bench.passDays(4);
      expect(await bench.clean()).toBe(0);
      expect(await bench.count('uploads')).toBe(0);
      expect(existsSync(bench.fileOf(project, 'whole.tif'))).toBe(true);
    });

    it('stay known while the disk of the projects is not there', async () => {
      const project = await bench.addPerson();
      const whole = await bench.addUpload(project, 'whole.tif', { size: 700, received: 700 });
      bench.write(bench.fileOf(project, 'older.tif'), 5);
      renameSync(bench.config.filesRoot, `${bench.config.filesRoot}-elsewhere`);
      bench.passDays(4);
      await bench.clean();
      renameSync(`${bench.config.filesRoot}-elsewhere`, bench.config.filesRoot);
      expect([existsSync(whole.part), await bench.count('uploads')]).toEqual([true, 1]);
      expect(await bench.clean()).toBe(0);
      expect(statSync(bench.fileOf(project, 'whole.tif')).size).toBe(700);
    });

    it('of which every byte is there go into the project itself where their folder has become a file', async () => {
      const project = await bench.addPerson();
      const { part } = await bench.addUpload(project, 'sub/whole.tif', { size: 700, received: 700 });
      bench.write(bench.fileOf(project, 'sub'), 5);
      bench.passDays(4);
      expect(await bench.clean()).toBe(0);
      expect([existsSync(part), statSync(bench.fileOf(project, 'whole.tif')).size, await bench.count('space_reservations')]).toEqual([
        false,
        700,
        0,
      ]);
    });

    it('are remembered for a while when they are over, and their file outlives that', async () => {
      const project = await bench.addPerson();
      const file = bench.write(bench.fileOf(project, 'scan.tif'), 700);
      await bench.addUpload(project, 'scan.tif', { size: 700, received: null, state: 'stored' });
      bench.passDays(4);
      expect(await bench.clean()).toBe(0);
      expect([existsSync(file), await bench.count('uploads')]).toEqual([true, 0]);
    });

    it('go when their project is gone', async () => {
      const project = await bench.addPerson();
      const upload = await bench.addUpload(project, 'scan.tif', { size: 700, received: 700 });
      await bench.rows.query('DELETE FROM projects');
      bench.passDays(4);
      expect(await bench.clean()).toBe(0);
      expect([existsSync(upload.part), existsSync(bench.fileOf(project, 'scan.tif')), await bench.count('uploads')]).toEqual([
        false,
        false,
        0,
      ]);
    });
  });

  it('deleted files can be brought back for TRASH_DAYS, whatever the age of their folder, and go with their row', async () => {
    const project = await bench.addPerson();
    const trash = bench.context.get(Trash);
    const deleteOne = async (name: string, bytes: number) => {
      bench.write(bench.fileOf(project, name), bytes);
      return trash.delete(project, [], [Buffer.from(name)], { displayName: 'Ada' });
    };
    const old = await deleteOne('old.tif', 900);
    const orphan = bench.write(join(bench.config.filesRoot, project.ownerId, '.staging', `${project.id}.${randomUUID()}.trash`, 'x'), 50);
    bench.passDays(5);
    expect(await bench.clean()).toBe(0);
    expect(existsSync(orphan)).toBe(true);
    const later = await deleteOne('later.tif', 100);
    bench.passDays(2.5);
    const lines = await bench.dryRun();
    expect(lines[0]).toMatch(/^ +50 bytes {2}unfinished or deleted files .*\.trash \(stale uploads\)$/);
    expect(lines[1]).toBe(` 900 bytes  old.tif, deleted from project ${project.id} by Ada (deleted files)`);
    expect(await bench.clean()).toBe(0);
    await expect(trash.restore(project, old.id)).rejects.toThrow(NotFoundError);
    expect((await trash.restore(project, later.id)).names).toEqual(['later.tif']);
    expect([existsSync(bench.fileOf(project, 'later.tif')), existsSync(orphan)]).toEqual([true, false]);
    expect(await bench.count('trash')).toBe(0);
  });

  it.each(['thumbnails', 'tiles'] as const)('%s of images go with their project, with age, and when they are too many', async (kind) => {
    const project = await bench.addPerson();
    const pictureOf = (id: string, name: string) => bench.write(join(bench.config.cacheRoot, kind, id, name), 100);
    const orphan = pictureOf(randomUUID(), '1');
    const older = pictureOf(project.id, '1');
    await until(() => Date.now() > statSync(older).ctimeMs + 20);
    const newer = pictureOf(project.id, '2');
    expect(await bench.clean()).toBe(0);
    expect([orphan, older, newer].map(existsSync)).toEqual([false, true, true]);
    bench.context.get(OldThumbnails).mostBytes[kind] = 150;
    expect(await bench.clean()).toBe(0);
    expect([older, newer].map(existsSync)).toEqual([false, true]);
    bench.passDays(31);
    expect(await bench.clean()).toBe(0);
    expect(existsSync(newer)).toBe(false);
  });

  describe('the inbox', () => {
    it('loses files that lie there too long, whatever date they brought along, but no input of a run that waits', async () => {
      const project = await bench.addPerson();
      const old = bench.write(join(inbox, 'sub', 'old.tif'));
      utimesSync(old, 1, 1);
      const used = bench.write(join(inbox, 'used.tif'));
      const inFolder = bench.write(join(inbox, 'set', 'a', 'one.tif'));
      const key = bench.write(join(inbox, '.ssh', 'authorized_keys'));
      await bench.enqueue(project, { parameters: { input: 'inbox:used.tif', more: ['inbox:set'] } });
      await bench.clean();
      expect(existsSync(old)).toBe(true);
      bench.passDays(8);
      expect(await bench.clean()).toBe(0);
      expect([old, used, inFolder, key].map(existsSync)).toEqual([false, true, true, true]);
    });

    it('is emptied in the folders of people too, but for what their runs need; the folders themselves stay', async () => {
      Object.assign(bench.config, { settings: { ...bench.config.settings, INBOX_PER_USER: true } });
      const project = await bench.addPerson(aUser({ email: 'mira@example.org', confirmedMs: 1 }));
      const own = join(inbox, 'people', 'mira@example.org');
      const [old, used] = ['old.tif', 'used.tif'].map((name) => bench.write(join(own, name)));
      // The same name, in the shared part and in another folder, is another file.
      const others = [bench.write(join(inbox, 'used.tif')), bench.write(join(inbox, 'people', 'otto@example.org', 'used.tif'))];
      await bench.enqueue(project, { parameters: { input: 'own:used.tif' } });
      bench.passDays(8);
      expect(await bench.clean()).toBe(0);
      expect([old, used, ...others].map(existsSync)).toEqual([false, true, false, false]);
      expect(existsSync(join(inbox, 'people', 'otto@example.org'))).toBe(true);
    });

    it('keeps what a project links to, until the link is gone from the trash too', async () => {
      const project = await bench.addPerson();
      const linked = bench.write(join(inbox, 'set', 'linked.tif'));
      const id = randomUUID();
      await bench.addLink(project, { id, target: 'set/linked.tif' });
      const link = bench.write(bench.fileOf(project, 'linked.tif'));
      writeFileSync(link, linkContent(id, parseEntryPath('set/linked.tif')));
      bench.passDays(8);
      await bench.clean();
      await bench.clean();
      expect([existsSync(linked), await bench.count('inbox_links')]).toEqual([true, 1]);

      await bench.context.get(Trash, { strict: false }).delete(project, [], [Buffer.from('linked.tif')], { displayName: 'Mira' });
      await bench.clean();
      expect([existsSync(link), existsSync(linked), await bench.count('inbox_links')]).toEqual([false, true, 1]);

      bench.passDays(8);
      await bench.clean();
      expect(await bench.count('inbox_links')).toBe(0);
      await bench.clean();
      expect(existsSync(linked)).toBe(false);
    });

    it('keeps what a project links to while the disk of the projects is not there', async () => {
      const project = await bench.addPerson();
      const linked = bench.write(join(inbox, 'linked.tif'));
      const id = randomUUID();
      await bench.addLink(project, { id, target: 'linked.tif' });
      writeFileSync(bench.write(bench.fileOf(project, 'linked.tif')), linkContent(id, parseEntryPath('linked.tif')));
      renameSync(bench.config.filesRoot, `${bench.config.filesRoot}-elsewhere`);
      bench.passDays(8);
      for (let times = 0; times < 2; times += 1) await bench.clean();
      renameSync(`${bench.config.filesRoot}-elsewhere`, bench.config.filesRoot);
      expect([existsSync(linked), await bench.count('inbox_links')]).toEqual([true, 1]);
    });

    it('keeps what an import that waits will read', async () => {
      const project = await bench.addPerson();
      const [whole, part, other] = ['plate/a.tif', 'set/b.tif', 'set/c.tif'].map((name) => bench.write(join(inbox, name)));
      const order = { source: 'inbox', to: '', onConflict: 'keepBoth', moves: false, by: 'Mira' };
      const tasks = bench.context.get(FileTasksRepository, { strict: false });
      const { id: projectId, ownerId, homeId } = project;
      const ofProject = { projectId, ownerId, homeId, kind: 'import' as const, title: 'import' };
      await tasks.add({ ...ofProject, id: randomUUID(), brief: { ...order, folder: '', names: ['plate'] } });
      await tasks.add({ ...ofProject, id: randomUUID(), brief: { ...order, folder: 'set', names: ['b.tif'] } });
      bench.passDays(8);
      expect(await bench.clean()).toBe(0);
      expect([whole, part, other].map(existsSync)).toEqual([true, true, false]);
    });

    it('gives up an input when its run is over', async () => {
      const project = await bench.addPerson();
      const used = bench.write(join(inbox, 'used.tif'));
      const runId = await bench.enqueue(project, { parameters: { input: 'inbox:used.tif' } });
      bench.passDays(8);
      await bench.clean();
      expect(existsSync(used)).toBe(true);
      await bench.store.requestCancel(runId, 'x');
      await bench.clean();
      expect(existsSync(used)).toBe(false);
    });
  });

  it('the outbox loses what is old, but nothing of a run that is not over', async () => {
    const project = await bench.addPerson();
    const running = await bench.start(project);
    const copy = bench.write(join(outbox, String(running), 'x'));
    const strange = bench.write(join(outbox, 'notes.txt'));
    bench.passDays(8);
    expect(await bench.clean()).toBe(0);
    expect([copy, strange].map(existsSync)).toEqual([true, false]);
  });

  describe('orphans', () => {
    it('go after a day: control files, results and guest projects without a row', async () => {
      const project = await bench.addPerson();
      const guest = await bench.addPerson(aGuest({ lastSeenMs: Date.now() + 100 * DAY_MS }));
      const gone = await bench.finishedRun(project);
      await bench.enqueue(project);
      await bench.rows.query(`DELETE FROM queue WHERE id = ${gone}`);
      const lost = bench.write(join(bench.config.filesRoot, guest.ownerId, aProject().id, 'x'));
      await bench.clean();
      expect(existsSync(bench.logOf(gone))).toBe(true);
      bench.passDays(1.01);
      expect(await bench.clean()).toBe(0);
      expect([bench.logOf(gone), bench.resultOf(project, gone), lost].map(existsSync)).toEqual([false, false, false]);
    });

    it('are left alone where they may be files of people whom this database does not know', async () => {
      const project = await bench.addPerson();
      const files = [
        bench.write(join(bench.config.filesRoot, project.ownerId, aProject().id, 'upload.tif')),
        bench.write(join(bench.config.filesRoot, aUser().id, aProject().id, 'upload.tif')),
        bench.write(bench.logOf(99)),
        bench.write(join(bench.config.runsRoot, 'notes', 'x')),
        bench.write(bench.fileOf(project, 'runs/mine/x')),
      ];
      bench.passDays(400);
      expect(await bench.clean()).toBe(0);
      expect(files.map(existsSync)).toEqual(files.map(() => true));
    });
  });

  it('rows that serve nobody go: log-ins, sent and given-up mails, dead runners; waiting mails and runners with runs stay', async () => {
    const project = await bench.addPerson();
    await bench.start(project);
    await bench.store.registerRunner({
      ...aCapacity({ slots: 1 }),
      name: 'old',
      incarnation: 'i',
      host: 'h',
      bootId: 'b',
      pokeAddress: null,
    });
    const mail = (id: number, sent: string, next: number) =>
      `INSERT INTO mails (id, run_id, kind, attempt, recipient, subject, text_body, html_body, created_ms, next_try_ms, tries, sent_ms)
       VALUES (${id}, ${id}, 'started', 1, 'a@b.c', 's', 't', 'h', 1, ${next}, 1, ${sent})`;
    await bench.rows.query(mail(1, '5', 5));
    await bench.rows.query(mail(2, 'NULL', 253_402_300_799_999));
    await bench.rows.query(mail(3, 'NULL', 5));
    await bench.rows.query(
      `INSERT INTO sessions (id_hash, user_id, data, created_ms, expires_ms) VALUES ('a', NULL, '{}', 1, 2), ('b', NULL, '{}', 1, 99999999999999)`,
    );
    bench.write(join(bench.config.mailDir, '000001-run-12-started.eml'));
    bench.write(join(bench.config.mailDir, 'kept-by-hand.eml'));
    bench.passDays(8);
    const lines = await bench.dryRun();
    expect(lines.map((line) => line.trim())).toEqual([
      expect.stringMatching(/^10 bytes {2}mails in .*: 1 \(old mail files\)$/),
      '0 bytes  log-ins: 1 (expired log-ins)',
      '0 bytes  mails: 2 (old mails)',
      '0 bytes  runners: 1 (dead runners)',
      'Would delete 5 things: 1 file, 10 bytes. Nothing was changed.',
    ]);
    expect(await bench.clean()).toBe(0);
    expect(await bench.rows.query('SELECT id FROM mails')).toEqual([{ id: 3 }]);
    expect(await bench.rows.query('SELECT id_hash FROM sessions')).toEqual([{ id_hash: 'b' }]);
    expect(await bench.rows.query('SELECT name FROM runners')).toEqual([{ name: 'r1' }]);
    expect(existsSync(join(bench.config.mailDir, 'kept-by-hand.eml'))).toBe(true);
  });

  it('ends with status 1 when one thing fails, and does the rest all the same', async () => {
    const project = await bench.addPerson();
    const runId = await bench.finishedRun(project);
    const chores = bench.context.get(Chores);
    const broken = {
      name: 'broken things',
      async *find() {
        yield { what: 'a stuck thing', measure: async () => NOTHING, remove: () => Promise.reject(new Error('stuck')) };
        throw new Error('no list');
      },
    };
    Object.assign(chores, { inOrder: [broken, ...chores.inOrder] });
    bench.passDays(8);
    expect(await bench.clean()).toBe(1);
    expect(existsSync(bench.resultOf(project, runId))).toBe(false);
  });

  it('does nothing while another cleaner works; a dead one is waited for only some minutes', async () => {
    const project = await bench.addPerson();
    await bench.finishedRun(project);
    bench.passDays(8);
    const lock = bench.context.get(CleanerLockRepository);
    expect(await lock.acquire('other', 300)).toBe(true);
    expect(await lock.acquire('third', 300)).toBe(false);
    expect(await lock.acquire('other', 300)).toBe(true);
    expect(await bench.clean()).toBe(0);
    expect(await bench.count('queue')).toBe(1);
    bench.passDays(0.01);
    expect(await bench.clean()).toBe(0);
    expect(await bench.count('queue')).toBe(0);
    expect(await lock.acquire('third', 300)).toBe(true);
  });

  it('changes nothing when it only lists', async () => {
    const guestProject = await bench.addPerson(aGuest());
    const runId = await bench.finishedRun(guestProject);
    writeFileSync(bench.fileOf(guestProject, 'a.tif'), 'x');
    bench.passDays(30);
    await bench.dryRun();
    expect(existsSync(bench.resultOf(guestProject, runId))).toBe(true);
    expect([await bench.count('users'), await bench.count('queue'), await bench.count('facts')]).toEqual([1, 1, 0]);
  });

  it('takes what work on files has written whose process died, and rows of work that ended long ago; what only has to be moved stays', async () => {
    const project = await bench.addPerson();
    const rows = bench.context.get(FileTasksRepository);
    const start = async (title: string) => {
      const id = randomUUID();
      await rows.add({ id, projectId: project.id, ownerId: project.ownerId, homeId: project.homeId, kind: 'extract', title, brief: {} });
      return id;
    };
    const staged = (id: string) =>
      bench.write(join(bench.config.filesRoot, project.ownerId, '.staging', `${project.id}.${id}.part`, 'tree', 'a.txt'));
    const [dead, written, ended, waiting] = [
      await start('dead.zip'),
      await start('written.zip'),
      await start('ended.zip'),
      await start('w.zip'),
    ];
    for (const id of [dead, written, ended]) expect(await rows.claim(id, 'worker')).toBe(true);
    expect(await rows.beginPlacing(written, 'worker', { doneBytes: 1, totalBytes: 1, doneFiles: 1, totalFiles: 1 })).toBe(true);
    await rows.finish(ended, 'worker', { state: 'done', note: [], resultPath: null });
    const files = [staged(dead), staged(written)];
    await bench.rows.query('UPDATE file_tasks SET beat_ms = beat_ms - 60000');
    expect((await bench.dryRun()).filter((line) => line.includes('dead.zip'))).toHaveLength(1);
    expect(await bench.clean()).toBe(0);
    expect(files.map(existsSync)).toEqual([false, true]);
    const died = await rows.find(dead);
    expect(died).toMatchObject({ state: 'failed', worker: null });
    expect(keptInWords(died!.note ?? '')).toBe(text('tasks.interrupted'));
    const states = [written, ended, waiting].map(async (id) => (await rows.find(id))?.state);
    expect(await Promise.all(states)).toEqual(['working', 'done', 'waiting']);
    await bench.rows.query(`UPDATE file_tasks SET created_ms = created_ms - ${8 * DAY_MS}`);
    await bench.clean();
    expect([await rows.find(ended), await rows.find(dead), (await rows.find(waiting))?.state]).toEqual([null, null, 'waiting']);
  });
});
