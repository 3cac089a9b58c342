import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { FileDigests } from '../digests/file-digests';
import { DomainError, NotFoundError } from '../errors';
import { formatEntryPath, parseEntryPath } from '../files/entry-name';
import { identityKey } from '../files/file-identity';
import { PROGRESS_FILE } from '../files/progress-file-name';
import { ProjectFiles } from '../files/project-files';
import { RunFolders } from '../files/run-folders';
import type { SafeDirectory } from '../files/safe-directory';
import { ProjectsRepository } from '../projects/projects.repository';
import type { Run } from '../queue/run.entity';
import { asOutputRecord, OUTPUT_RECORD, type OutputFile, type OutputRecord } from './output-record';

type RunKey = Pick<Run, 'id' | 'attempt' | 'projectId'>;

/** As many as a record holds in 4 MB, which is what pages read of it. */
const MOST_FILES = 10_000;
/** Runs that wait; others are taken up when somebody looks at them. */
const MOST_WAITING = 2000;
/** How often the record is written anew while checksums are being computed. */
const WRITE_EVERY_MS = 5000;
const RECORD = Buffer.from(OUTPUT_RECORD);

/**
 * Writes down which files a run has left, with their checksums: one run after the other, one file after the other, on a thread of the
 * lowest priority that rests as long as it reads. Nothing waits for it. What is broken off is taken up when somebody looks at the run.
 */
@Injectable()
export class OutputNotes implements OnApplicationShutdown {
  private readonly logger = new Logger(OutputNotes.name);
  private readonly waiting = new Map<number, RunKey>();
  private readonly closing = new AbortController();
  private working: Promise<void> | null = null;
  private present: number | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly projects: ProjectsRepository,
    private readonly files: ProjectFiles,
    private readonly runFolders: RunFolders,
    private readonly digests: FileDigests,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.waiting.clear();
    this.closing.abort();
    await this.working;
  }

  /** Puts a run that is over into the line. */
  note({ id, attempt, projectId }: RunKey): void {
    if (this.isUnderWay(id) || this.waiting.size >= MOST_WAITING || this.closing.signal.aborted) return;
    this.waiting.set(id, { id, attempt, projectId });
    this.working ??= this.work().finally(() => (this.working = null));
  }

  isUnderWay(runId: number): boolean {
    return this.present === runId || this.waiting.has(runId);
  }

  private async work(): Promise<void> {
    for (let [run] = this.waiting.values(); run; [run] = this.waiting.values()) {
      this.waiting.delete(run.id);
      this.present = run.id;
      await this.make(run).catch((error: unknown) => this.tell(run, error));
      this.present = null;
    }
  }

  private tell({ id }: RunKey, error: unknown): void {
    // The process ends, or the run is gone.
    if (this.closing.signal.aborted || error instanceof NotFoundError) return;
    this.logger.warn(`Run ${id}: its results could not be written down: ${error instanceof Error ? error.message : String(error)}`);
  }

  private async make(run: RunKey): Promise<void> {
    const project = await this.projects.findById(run.projectId);
    if (!project) return;
    const results = this.files.of(project).inside(this.files.resultsPath(run.id));
    const record = (await this.begun(run)) ?? (await this.look(results));
    await this.fillKnown(project.id, record.files);
    record.done = !this.config.settings.RESULT_CHECKSUMS || record.files.every(({ sha256 }) => sha256 !== null);
    await this.write(run, record);
    if (record.done) return;
    await this.computeOthers(run, project.id, results, record);
    record.done = true;
    await this.write(run, record);
  }

  /** What somebody began to write down: it tells how the files were then. */
  private async begun({ id, attempt }: RunKey): Promise<OutputRecord | null> {
    try {
      const { handle } = await this.runFolders.of(id).openFile([Buffer.from(String(attempt)), RECORD]);
      return asOutputRecord(JSON.parse(await handle.readFile('utf8').finally(() => handle.close())));
    } catch (error) {
      if (error instanceof NotFoundError || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  private async look(results: SafeDirectory): Promise<OutputRecord> {
    const { files, complete } = await results.findFiles([], { most: MOST_FILES }).catch(nothingWhenGone);
    const found: OutputFile[] = [];
    for (const { path } of files) {
      if (path.length === 1 && path[0].toString() === PROGRESS_FILE) continue;
      const identity = await results.identify(path).catch(nullWhenGone);
      if (identity) found.push({ path: formatEntryPath(path), ...identity, sha256: null });
    }
    found.sort((one, other) => (one.path < other.path ? -1 : 1));
    return { complete, done: false, files: found };
  }

  private async fillKnown(projectId: string, files: readonly OutputFile[]): Promise<void> {
    const some = files.filter((file) => file.sha256 === null);
    const known = await this.digests.find(projectId, some);
    for (const file of some) file.sha256 = known.get(identityKey(file))?.sha256 ?? null;
  }

  private async computeOthers(run: RunKey, projectId: string, results: SafeDirectory, { files, ...record }: OutputRecord): Promise<void> {
    let writtenMs = performance.now();
    for (const file of files.filter((one) => one.sha256 === null)) {
      await this.digests.computeGently(projectId, results, parseEntryPath(file.path), this.closing.signal).catch(ignoreChanged);
      await this.fillKnown(projectId, [file]);
      if (performance.now() - writtenMs < WRITE_EVERY_MS) continue;
      writtenMs = performance.now();
      await this.write(run, { ...record, files });
    }
  }

  /** In one step, so that a reader finds a whole record; two processes may do it side by side. */
  private async write({ id, attempt }: RunKey, record: OutputRecord): Promise<void> {
    const directory = this.runFolders.of(id).inside([Buffer.from(String(attempt))]);
    const next = [Buffer.from(`${OUTPUT_RECORD}.${randomUUID()}`)];
    const file = await directory.createFile(next);
    try {
      await file.writeFile(JSON.stringify(record)).finally(() => file.close());
      await directory.rename(next, [RECORD]);
    } finally {
      await directory.remove(next);
    }
  }
}

function nothingWhenGone(error: unknown): { files: never[]; complete: boolean } {
  if (error instanceof NotFoundError) return { files: [], complete: true };
  throw error;
}

function nullWhenGone(error: unknown): null {
  if (error instanceof DomainError) return null;
  throw error;
}

/** It was removed, or is written to: the record says so by the missing checksum. */
function ignoreChanged(error: unknown): void {
  if (!(error instanceof DomainError)) throw error;
}
