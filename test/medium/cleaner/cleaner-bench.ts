import { randomUUID } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { CleanerModule } from '../../../src/cleaner/cleaner.module';
import { CleaningService } from '../../../src/cleaner/cleaning.service';
import { listWaste } from '../../../src/cleaner/dry-run';
import { AppConfig } from '../../../src/common/config/app-config';
import { InboxLinksRepository } from '../../../src/common/inbox/inbox-links.repository';
import { Project } from '../../../src/common/projects/project.entity';
import type { Ending, NewRun } from '../../../src/common/queue/queue-store';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { Space } from '../../../src/common/space/space';
import { Upload, type UploadState } from '../../../src/common/uploads/upload.entity';
import { UploadsRepository } from '../../../src/common/uploads/uploads.repository';
import { User } from '../../../src/common/users/user.entity';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aCapacity, aNewRun, aProject, aUser } from '../../factories';

export const DAY_MS = 86_400_000;
const RUNNER = { ...aCapacity({ slots: 4 }), name: 'r1', incarnation: 'i1', host: 'h', bootId: 'b', pokeAddress: null };
const HANDLE = { kind: 'process', pid: 1, startTicks: '1', host: 'h', bootId: 'b' } as const;
const DONE: Ending = { state: 'succeeded', exitCode: 0, note: null };

interface AddedUpload {
  size: number;
  received: number | null;
  state?: UploadState;
  heldUntilMs?: number;
}

/** The cleaner as it ships, on a database and folders of its own, with a clock that can be put forward. */
export class CleanerBench {
  private laterMs = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly context: INestApplicationContext,
    readonly store: QueueStore,
  ) {}

  static async open(settings: Record<string, string> = {}): Promise<CleanerBench> {
    const database = await openTestDatabase(settings);
    const testing = await Test.createTestingModule({ imports: [CleanerModule] })
      .overrideProvider(AppConfig)
      .useValue(database.config)
      .setLogger({ log: () => undefined, error: () => undefined, warn: () => undefined })
      .compile();
    const store = testing.get(QueueStore);
    const bench = new CleanerBench(database, testing, store);
    const realNow = store.nowMs.bind(store);
    store.nowMs = async () => (await realNow()) + bench.laterMs;
    await store.registerRunner(RUNNER);
    return bench;
  }

  get config(): AppConfig {
    return this.database.config;
  }

  get rows(): DataSource {
    return this.context.get(DataSource);
  }

  /** From now on the cleaner believes that so many more days have gone by. */
  passDays(days: number): void {
    this.laterMs += days * DAY_MS;
  }

  clean(): Promise<number> {
    return this.context.get(CleaningService).clean();
  }

  /** Lines of `--dry-run`. */
  async dryRun(): Promise<string[]> {
    let text = '';
    await listWaste(this.context.get(CleaningService), { write: (part) => (text += part) });
    return text.trimEnd().split('\n');
  }

  async addPerson(person: User = aUser()): Promise<Project> {
    const project = aProject({ ownerId: person.id });
    await this.rows.getRepository(User).insert(person);
    await this.rows.getRepository(Project).insert(project);
    mkdirSync(join(this.config.filesRoot, person.id, project.id), { recursive: true });
    return project;
  }

  async enqueue(project: Project, over: Partial<NewRun> = {}): Promise<number> {
    return (await this.store.enqueue(aNewRun({ projectId: project.id, ownerId: project.ownerId, ...over }))).runId;
  }

  async start(project: Project, over: Partial<NewRun> = {}): Promise<number> {
    const runId = await this.enqueue(project, over);
    const [run] = await this.store.claim(RUNNER, 1);
    if (run?.id !== runId) throw new Error(`Claimed ${run?.id} instead of ${runId}`);
    await this.store.authorise({ runId, fence: run.fence }, HANDLE);
    return runId;
  }

  /** A run that has ended, with 1000 bytes of results, 500 of log and control files. */
  async finishedRun(project: Project): Promise<number> {
    const runId = await this.start(project);
    await this.store.finish({ runId, fence: 1 }, DONE);
    this.writeRun(project, runId);
    return runId;
  }

  writeRun(project: Project, runId: number): void {
    this.write(this.resultOf(project, runId), 1000);
    this.write(this.logOf(runId), 500);
  }

  resultOf(project: Project, runId: number): string {
    return join(this.config.filesRoot, project.ownerId, project.id, 'runs', String(runId), 'deep', 'overlay.png');
  }

  logOf(runId: number): string {
    return join(this.config.runsRoot, String(runId), '1', 'log');
  }

  fileOf(project: Project, name: string): string {
    return join(this.config.filesRoot, project.ownerId, project.id, name);
  }

  write(path: string, bytes = 10): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'x'.repeat(bytes));
    return path;
  }

  /**
   * A resumable upload as the web process leaves it when it dies.
   * @param received bytes in the staging folder; null: there is no file.
   */
  async addUpload(project: Project, path: string, how: AddedUpload): Promise<{ id: string; part: string }> {
    const id = randomUUID();
    const part = join(this.config.filesRoot, project.ownerId, '.staging', `${project.id}.${id}.part`);
    if (how.received !== null) this.write(part, how.received);
    const terms = { id, projectId: project.id, what: 'upload' as const, forMs: 3 * DAY_MS };
    await this.context.get(Space).reserve(project.ownerId, { bytes: how.size, files: 1 }, terms);
    const uploads = this.context.get(UploadsRepository);
    const asked = { requestKey: null, modifiedMs: null, sha256: null, onConflict: 'keepBoth' as const, lockHolder: 'web' };
    const inode = how.received === null ? '0' : String(statSync(part).ino);
    await uploads.add({ id, projectId: project.id, homeId: project.homeId, path, size: how.size, inode, ...asked }, 30_000, 3 * DAY_MS);
    if (how.heldUntilMs === undefined) await uploads.unlock(id, 'web');
    const storedAs = how.state === 'stored' ? path : null;
    const change = {
      state: how.state ?? 'receiving',
      storedAs,
      ...(how.heldUntilMs === undefined ? {} : { lockUntilMs: how.heldUntilMs }),
    };
    await this.rows.getRepository(Upload).update({ id }, change);
    return { id, part };
  }

  /** A row of a link of a project to a file of the shared inbox. */
  async addLink({ id: projectId, ownerId }: Project, { id, target }: { id: string; target: string }): Promise<void> {
    const identity = { inode: '1', size: 10, mtimeNs: '1' };
    await this.context.get(InboxLinksRepository, { strict: false }).add([{ id, projectId, ownerId, source: 'inbox', target, ...identity }]);
  }

  async count(table: string): Promise<number> {
    const [row] = await this.rows.query<{ n: number | string }[]>(`SELECT COUNT(*) AS n FROM ${table}`);
    return Number(row?.n);
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.database.close();
  }
}
