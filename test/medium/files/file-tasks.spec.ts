import { createHash, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CommonModule } from '../../../src/common/common.module';
import { AppConfig } from '../../../src/common/config/app-config';
import { ConflictError, NotFoundError } from '../../../src/common/errors';
import { FileTaskKinds, type FileTaskKind } from '../../../src/common/file-tasks/file-task-kind';
import { FileTaskPoolModule } from '../../../src/common/file-tasks/file-task-pool.module';
import { FileTasks } from '../../../src/common/file-tasks/file-tasks';
import { FileTasksRepository } from '../../../src/common/file-tasks/file-tasks.repository';
import { TaskRecovery } from '../../../src/common/file-tasks/task-recovery';
import { keptInWords } from '../../../src/common/kept-sentences';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { identityOf } from '../../../src/common/files/file-identity';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { Space } from '../../../src/common/space/space';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import type { Project } from '../../../src/common/projects/project.entity';
import { text } from '../../../src/locales/text';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aProject } from '../../factories';
import { until } from '../../until';
import type { SampleBrief } from './sample-task';

const HOME = resolve(__dirname, '../../..');

interface Process {
  tasks: FileTasks;
  rows: FileTasksRepository;
  recovery: TaskRecovery;
  space: Space;
  files: ProjectFiles;
  digests: FileDigests;
  close(): Promise<void>;
}

describe('work on files', () => {
  let database: TestDatabase;
  let project: Project;
  const open: Process[] = [];
  /** What `place` waits for, in this test. */
  let beforeMove: (number: number) => Promise<void> | void = () => undefined;

  beforeAll(async () => {
    database = await openTestDatabase({ GUEST_SPACE: '1 kB', GUEST_FILES: '5' });
  });
  afterAll(() => database.close());
  beforeEach(() => (beforeMove = () => undefined));
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  /** A process as the web process is one, on this database. @param works false: one that died before it did anything. */
  async function startProcess(works = true): Promise<Process> {
    const testing = await Test.createTestingModule({ imports: works ? [CommonModule, FileTaskPoolModule] : [CommonModule] })
      .overrideProvider(AppConfig)
      .useValue(database.config)
      .compile();
    testing.useLogger(false);
    const context: INestApplicationContext = testing;
    const get = <Service>(type: abstract new (...all: never[]) => Service): Service => context.get(type, { strict: false });
    get(TaskRecovery).silenceMs = 1500;
    get(FileTaskKinds).register(sampleKind(get(ProjectFiles)));
    await testing.init();
    const one = {
      tasks: get(FileTasks),
      rows: get(FileTasksRepository),
      recovery: get(TaskRecovery),
      space: get(Space),
      files: get(ProjectFiles),
      digests: get(FileDigests),
      close: () => testing.close(),
    };
    open.push(one);
    project = aProject();
    await get(ProjectFiles).create(project);
    await get(ProjectsRepository).add(project);
    return one;
  }

  function sampleKind(files: ProjectFiles): FileTaskKind {
    return {
      kind: 'copy',
      program: join(__dirname, 'sample-task'),
      open: async (task) => ({ handles: [], brief: task.brief }),
      place: async (task, staging) => {
        const target = files.of({ id: task.projectId, homeId: task.homeId });
        const { entries } = await staging.list([], { limit: 100 });
        for (const [index, { name }] of entries.entries()) {
          await beforeMove(index);
          await staging.move([name], [name], target);
        }
        return { note: [{ key: 'browse.copied' }], resultPath: null };
      },
    };
  }

  const start = ({ tasks }: Process, brief: SampleBrief, of = project) =>
    tasks.start({ kind: 'copy', project: of, by: { id: of.ownerId }, title: 'Plate 7', brief });
  const stateOf = async ({ rows }: Process, id: string) => (await rows.find(id))?.state;
  const ended = (one: Process, id: string) =>
    until(async () => !['waiting', 'working'].includes((await stateOf(one, id)) ?? ''), 25_000).then(() => found(one, id));
  /** With its note in the words that people read. */
  const found = async ({ rows }: Process, id: string) => {
    const task = await rows.find(id);
    return task && Object.assign(task, { note: keptInWords(task.note ?? '') });
  };
  const inProject = (of = project) => readdirSync(join(database.config.filesRoot, of.ownerId, of.id)).sort();
  const inStaging = (of = project) => {
    const folder = join(database.config.filesRoot, of.ownerId, '.staging');
    return existsSync(folder) ? readdirSync(folder) : [];
  };

  it('is done outside of this process, and then all of it is in its place', async () => {
    const one = await startProcess();
    const id = await start(one, { files: { 'a.txt': 'aaa', 'b.txt': 'bb' } });
    expect(await ended(one, id)).toMatchObject({
      state: 'done',
      note: text('browse.copied'),
      doneBytes: 5,
      totalBytes: 5,
      doneFiles: 2,
      totalFiles: 2,
    });
    expect(inProject()).toEqual(['a.txt', 'b.txt']);
    expect(inStaging()).toEqual([]);
    expect((await one.tasks.ofProject(project.id)).map((task) => task.id)).toEqual([id]);
    await one.tasks.dismiss(id);
    expect(await one.tasks.ofProject(project.id)).toEqual([]);
  });

  it.each([
    ['refuses', 'refuse', text('files.nameDots')],
    ['breaks, of which only the log is told', 'break', text('tasks.broke')],
    ['ends without a word', 'exit', text('tasks.broke')],
    ['takes too much memory', 'hog', text('tasks.tooMuchMemory')],
  ] as const)('leaves nothing when the program %s', async (_what, ends, note) => {
    const one = await startProcess();
    const id = await start(one, { files: { 'a.txt': 'aaa', 'b.txt': 'bb' }, ends });
    expect(await ended(one, id)).toMatchObject({ state: 'failed', note });
    expect(inProject()).toEqual([]);
    expect(inStaging()).toEqual([]);
  });

  it('is not begun when there is no space for it', async () => {
    const one = await startProcess();
    const id = await start(one, { files: { 'a.txt': 'aaa' }, bytes: 1e15 });
    expect(await ended(one, id)).toMatchObject({ state: 'failed', note: expect.stringContaining('1 kB') as string });
    expect(inStaging()).toEqual([]);
  });

  it('never writes more than it has asked for', async () => {
    const one = await startProcess();
    const id = await start(one, { files: { 'a.txt': 'aaa', 'b.txt': 'bb' }, bytes: 4 });
    expect(await ended(one, id)).toMatchObject({ state: 'failed', note: text('tasks.grew') });
    expect([inProject(), inStaging()]).toEqual([[], []]);
  });

  it('counts as what it wrote, with checksums; what comes to nothing does not count', async () => {
    const one = await startProcess();
    for (const ends of ['refuse', undefined] as const)
      await ended(one, await start(one, { files: { 'a.txt': 'aaa', 'b.txt': 'bb' }, ends }));
    const use = await one.space.useOf({ id: project.ownerId, kind: 'guest', isAdmin: false });
    expect(use).toMatchObject({ used: { bytes: 5, files: 2 }, reserved: { bytes: 0, files: 0 } });
    const directory = one.files.of(project);
    const { handle } = await directory.openFile([Buffer.from('a.txt')]);
    const identity = await identityOf(handle).finally(() => handle.close());
    const known = await one.digests.find(project.id, [identity]);
    expect([...known.values()]).toEqual([{ sha256: createHash('sha256').update('aaa').digest('hex'), crc32: crc32('aaa') }]);
  });

  it('can be cancelled while it waits and while it works, also from another process, and then nothing of it remains', async () => {
    const one = await startProcess();
    const mine = project;
    const id = await start(one, { files: { 'a.txt': 'aaa', 'b.txt': 'bb' }, ends: 'not' });
    await until(async () => (await one.rows.find(id))?.doneFiles === 1);
    const other = await startProcess(false);
    await other.tasks.cancel(id);
    expect(await ended(one, id)).toMatchObject({ state: 'cancelled', note: text('tasks.cancelled') });
    expect([inProject(mine), inStaging(mine)]).toEqual([[], []]);
    await expect(one.tasks.cancel(id)).rejects.toThrow(ConflictError);
    await one.close();
    const waiting = await start(other, { files: { 'a.txt': 'aaa' } });
    await other.tasks.cancel(waiting);
    expect(await stateOf(other, waiting)).toBe('cancelled');
  });

  it('shows its progress, and cannot be dismissed before its end', async () => {
    const one = await startProcess();
    const id = await start(one, { files: { 'a.txt': 'aaa', 'b.txt': 'bb' }, ends: 'not' });
    await until(async () => (await one.rows.find(id))?.doneBytes === 3);
    expect(await one.rows.find(id)).toMatchObject({ state: 'working', totalBytes: 5, totalFiles: 2, doneFiles: 1 });
    await expect(one.tasks.dismiss(id)).rejects.toThrow(ConflictError);
    await expect(one.tasks.find(randomUUID(), id)).rejects.toThrow(NotFoundError);
  });

  it('lets people take turns, and some work at a time', async () => {
    const one = await startProcess();
    const [first, waiting] = [project, { files: { x: 'x' }, ends: 'not' } as const];
    const ids: string[] = [];
    // One after the other: of two that were asked for in the same millisecond either may go first.
    for (let number = 0; number < 2; number += 1) {
      ids.push(await start(one, waiting, first));
      await until(async () => (await stateOf(one, ids[number])) === 'working');
    }
    ids.push(await start(one, waiting, first));
    // One more place is for somebody who has none.
    const late = await start(one, waiting, aProject());
    await until(async () => (await stateOf(one, late)) === 'working');
    const last = await start(one, waiting, aProject());
    expect([await stateOf(one, ids[2]), await stateOf(one, last)]).toEqual(['waiting', 'waiting']);
    await one.tasks.cancel(ids[0]);
    await until(async () => (await stateOf(one, last)) === 'working');
    expect(await stateOf(one, ids[2])).toBe('waiting');
    for (const id of [ids[1], ids[2], late, last]) await one.tasks.cancel(id);
    await until(async () => (await one.rows.unfinished()).length === 0);
  });

  it('lets somebody new have the next place, not somebody who has just had one', async () => {
    const one = await startProcess();
    const waiting = { files: { x: 'x' }, ends: 'not' } as const;
    const busy: string[] = [];
    for (const owner of [project, aProject(), aProject()]) {
      busy.push(await start(one, waiting, owner));
      await until(async () => (await stateOf(one, busy.at(-1)!)) === 'working');
    }
    const [again, late] = [await start(one, waiting, project), await start(one, waiting, aProject())];
    await one.tasks.cancel(busy[0]);
    await until(async () => [await stateOf(one, again), await stateOf(one, late)].includes('working'));
    expect([await stateOf(one, again), await stateOf(one, late)]).toEqual(['waiting', 'working']);
    for (const id of [busy[1], busy[2], again, late]) await one.tasks.cancel(id);
    await until(async () => (await one.rows.unfinished()).length === 0);
  });

  it('is refused when too much of it is asked for', async () => {
    const one = await startProcess(false);
    for (let number = 0; number < 20; number += 1) await start(one, { files: {} });
    await expect(start(one, { files: {} })).rejects.toThrow(ConflictError);
    await one.tasks.cancelOfProject(project.id);
    expect(await one.rows.countUnfinished(project.ownerId)).toBe(0);
  });

  it('says so when this process ends in good order, and leaves nothing', async () => {
    const one = await startProcess();
    const mine = project;
    const id = await start(one, { files: { 'a.txt': 'aaa', 'b.txt': 'bb' }, ends: 'not' });
    await until(async () => (await one.rows.find(id))?.doneFiles === 1);
    await one.close();
    const other = await startProcess(false);
    expect(await found(other, id)).toMatchObject({ state: 'failed', note: text('tasks.interrupted') });
    expect([inProject(mine), inStaging(mine)]).toEqual([[], []]);
  });

  describe('of a process that died', () => {
    /** As the row and the folders stand after a sudden death. @param placing whether all was written by then. */
    async function dead(one: Process, placing: boolean): Promise<{ id: string; of: Project }> {
      const id = await start(one, { files: {} });
      const worker = randomUUID();
      expect(await one.rows.claim(id, worker)).toBe(true);
      const folder = join(database.config.filesRoot, project.ownerId, '.staging', `${project.id}.${id}.part`);
      await ProjectFilesOf(database).staging(project.ownerId);
      await ProjectFilesOf(database)
        .ofHome(project.ownerId)
        .ensureFolder([Buffer.from('.staging'), Buffer.from(`${project.id}.${id}.part`)]);
      writeFileSync(join(folder, 'left.txt'), 'left');
      if (placing) expect(await one.rows.beginPlacing(id, worker, { doneBytes: 4, totalBytes: 4, doneFiles: 1, totalFiles: 1 })).toBe(true);
      return { id, of: project };
    }

    it('is given up by another process, and what it wrote is removed', async () => {
      const gone = await startProcess(false);
      const { id, of } = await dead(gone, false);
      const one = await startProcess();
      one.recovery.silenceMs = 50;
      await sleep(60);
      await start(one, { files: {} });
      expect(await ended(one, id)).toMatchObject({ state: 'failed', note: text('tasks.interrupted') });
      expect([inProject(of), inStaging(of)]).toEqual([[], []]);
    });

    it('is finished by another process when all was written', async () => {
      const gone = await startProcess(false);
      const { id, of } = await dead(gone, true);
      const one = await startProcess();
      one.recovery.silenceMs = 50;
      await sleep(60);
      await start(one, { files: {} });
      expect(await ended(one, id)).toMatchObject({ state: 'done', doneBytes: 4, totalFiles: 1 });
      expect([inProject(of), inStaging(of)]).toEqual([['left.txt'], []]);
      expect(readFileSync(join(database.config.filesRoot, of.ownerId, of.id, 'left.txt'), 'utf8')).toBe('left');
    });

    it('is done when all had its place and only the last word was missing', async () => {
      const gone = await startProcess(false);
      const { id, of } = await dead(gone, true);
      rmSync(join(database.config.filesRoot, of.ownerId, '.staging', `${of.id}.${id}.part`), { recursive: true });
      const one = await startProcess();
      one.recovery.silenceMs = 50;
      await sleep(60);
      await start(one, { files: {} });
      expect(await ended(one, id)).toMatchObject({ state: 'done' });
      expect(inStaging(of)).toEqual([]);
    });
  });

  it('ends although the database was away when it ended', async () => {
    const one = await startProcess();
    one.recovery.silenceMs = 50;
    const finish = jest.spyOn(one.rows, 'finish').mockRejectedValueOnce(new Error('the database is away'));
    const id = await start(one, { files: { 'a.txt': 'aaa' } });
    await until(async () => finish.mock.calls.length > 0);
    await until(async () => {
      // Wakes the process, which would look by itself some seconds later.
      await one.tasks.cancelOfProject(randomUUID());
      return (await stateOf(one, id)) !== 'working';
    });
    expect(await one.rows.find(id)).toMatchObject({ state: 'done' });
    expect([inProject(), inStaging()]).toEqual([['a.txt'], []]);
  });

  it('that failed when it was placed is not placed again, although the database was away when it failed', async () => {
    const one = await startProcess();
    one.recovery.silenceMs = 50;
    let moves = 0;
    beforeMove = () => {
      moves += 1;
      throw new ConflictError('files.exists', { name: 'a.txt' });
    };
    const finish = jest.spyOn(one.rows, 'finish').mockRejectedValueOnce(new Error('the database is away'));
    const id = await start(one, { files: { 'a.txt': 'aaa' } });
    await until(async () => finish.mock.calls.length > 0);
    await until(async () => {
      // Wakes the process, which would look by itself some seconds later.
      await one.tasks.cancelOfProject(randomUUID());
      return (await stateOf(one, id)) !== 'working';
    });
    expect(await found(one, id)).toMatchObject({ state: 'failed', note: text('tasks.interrupted') });
    expect([moves, inProject(), inStaging()]).toEqual([1, [], []]);
  });

  it('that was taken over while it stood still leaves the files to whoever has it now', async () => {
    const one = await startProcess();
    const mine = project;
    const id = await start(one, { files: { 'a.txt': 'aaa' } });
    const gone = new Promise<void>((resolve) => {
      beforeMove = async () => {
        await one.rows.takeOver((await one.rows.find(id))!, randomUUID());
        resolve();
        throw new NotFoundError('files.notFound', { name: 'a.txt' });
      };
    });
    await gone;
    await one.close();
    expect(inStaging(mine)).toHaveLength(1);
    const other = await startProcess(false);
    expect(await other.rows.find(id)).toMatchObject({ state: 'working' });
    await other.tasks.cancel(id).catch(() => undefined);
  });

  it('is not given up by the very process that works on it, however late its signs of life are', async () => {
    const one = await startProcess();
    one.recovery.silenceMs = 0;
    const id = await start(one, { files: { 'a.txt': 'aaa' }, ends: 'not' });
    await until(async () => (await one.rows.find(id))?.doneFiles === 1);
    const other = await start(one, { files: { 'b.txt': 'bb' } });
    expect(await ended(one, other)).toMatchObject({ state: 'done' });
    expect(await stateOf(one, id)).toBe('working');
  });

  it('ends with the process that started it, however that ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'task-parent-'));
    const words = ['--no-warnings', '--require', join(HOME, 'test/tools/load-typescript.cjs'), join(__dirname, 'task-parent.ts'), folder];
    const parent = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString().split('\n')[0]);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !existsSync(`/proc/${pid}`));
    rmSync(folder, { recursive: true });
  });

  it('is no longer cancelled once it moves its results, and a lost one writes nothing', async () => {
    const one = await startProcess();
    let go: () => void = () => undefined;
    const moving = new Promise<void>((resolve) => (go = resolve));
    beforeMove = () => moving;
    const id = await start(one, { files: { 'a.txt': 'a' } });
    await until(async () => (await one.rows.find(id))?.placingMs !== null);
    await expect(one.tasks.cancel(id)).rejects.toThrow(ConflictError);
    expect(await one.rows.finish(id, randomUUID(), { state: 'failed', note: [], resultPath: null })).toBe(false);
    go();
    expect(await ended(one, id)).toMatchObject({ state: 'done' });
    expect(inProject()).toEqual(['a.txt']);
  });
});

function ProjectFilesOf(database: TestDatabase): ProjectFiles {
  return new ProjectFiles(database.config);
}
