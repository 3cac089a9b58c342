import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { FileDigests } from '../digests/file-digests';
import { DomainError, NotFoundError, UnavailableError } from '../errors';
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

const MOST_FILES = 10_000;
/** Of a record: pages read 4 MB of it. */
const MOST_BYTES = 3_500_000;
/** Of a file in a record, beside its path. */
const ENTRY_BYTES = 220;
/** Runs that wait; others are taken up when somebody looks at them. */
const MOST_WAITING = 2000;
/** How often the record is written anew while checksums are being computed. */
const WRITE_EVERY_MS = 5000;
const RECORD = Buffer.from(OUTPUT_RECORD);

/**
 * Writes down which files a run has left, as soon as it is over, and then their checksums: one run after the other, one file after the
 * other, on a thread of the lowest priority that rests as long as it reads. Nothing waits for it. What is broken off is taken up when
 * somebody looks at the run.
 */
@Injectable()
export class OutputNotes implements OnApplicationShutdown {
  private readonly logger = new Logger(OutputNotes.name);
  /** Of which nothing is written down yet: this line is short, and does not wait for checksums. */
  private readonly unseen = new Map<number, RunKey>();
  /** Of which checksums are missing. */
  private readonly waiting = new Map<number, RunKey>();
  private readonly closing = new AbortController();
  private looking: Promise<void> | null = null;
  private working: Promise<void> | null = null;
  private readonly present = new Set<number>();

  constructor(
    private readonly config: AppConfig,
    private readonly projects: ProjectsRepository,
    private readonly files: ProjectFiles,
    private readonly runFolders: RunFolders,
    private readonly digests: FileDigests,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.unseen.clear();
    this.waiting.clear();
    this.closing.abort();
    await this.looking;
    await this.working;
  }

  /** Puts a run that is over into the line. */
  note({ id, attempt, projectId }: RunKey): void {
    const waiting = this.unseen.size + this.waiting.size;
    if (this.isUnderWay(id) || waiting >= MOST_WAITING || this.closing.signal.aborted) return;
    this.unseen.set(id, { id, attempt, projectId });
    this.looking ??= this.lookAtAll().finally(() => (this.looking = null));
  }

  private isUnderWay(runId: number): boolean {
    return this.present.has(runId) || this.unseen.has(runId) || this.waiting.has(runId);
  }

  private async lookAtAll(): Promise<void> {
    for (let [run] = this.unseen.values(); run; [run] = this.unseen.values()) {
      const isMissing = await this.take(run, this.unseen, (next) => this.begin(next));
      if (!isMissing || this.closing.signal.aborted) continue;
      this.waiting.set(run.id, run);
      this.working ??= this.work().finally(() => (this.working = null));
    }
  }

  private async work(): Promise<void> {
    for (let [run] = this.waiting.values(); run; [run] = this.waiting.values()) {
      await this.take(run, this.waiting, (next) => this.goOn(next));
    }
  }

  /** Takes a run out of its line and does what is next for it. @returns undefined where that failed. */
  private async take<Value>(run: RunKey, line: Map<number, RunKey>, step: (run: RunKey) => Promise<Value>): Promise<Value | undefined> {
    line.delete(run.id);
    this.present.add(run.id);
    try {
      return await step(run);
    } catch (error) {
      this.tell(run, error);
      return undefined;
    } finally {
      this.present.delete(run.id);
    }
  }

  private tell({ id }: RunKey, error: unknown): void {
    // The process ends, or the run is gone.
    if (this.closing.signal.aborted || error instanceof NotFoundError) return;
    this.logger.warn(`Run ${id}: its results could not be written down: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** Writes down how the files are. @returns whether checksums are missing that somebody wants. */
  private async begin(run: RunKey): Promise<boolean> {
    const results = await this.resultsOf(run);
    if (!results) return false;
    const record = (await this.begun(run)) ?? (await this.look(results));
    await this.fillKnown(run.projectId, record.files);
    record.done = !this.config.settings.RESULT_CHECKSUMS || record.files.every(({ sha256 }) => sha256 !== null);
    await this.write(run, record);
    return !record.done;
  }

  /** Computes what is missing. */
  private async goOn(run: RunKey): Promise<void> {
    const [results, record] = await Promise.all([this.resultsOf(run), this.begun(run)]);
    if (!results || !record) return;
    await this.computeOthers(run, results, record);
    record.done = true;
    await this.write(run, record);
  }

  /** Null when the project is gone. */
  private async resultsOf({ id, projectId }: RunKey): Promise<SafeDirectory | null> {
    const project = await this.projects.findById(projectId);
    return project && this.files.of(project).inside(this.files.resultsPath(id));
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
    let bytes = 0;
    for (const { path } of files) {
      if (path.length === 1 && path[0].toString() === PROGRESS_FILE) continue;
      const identity = await results.identify(path).catch(nullWhenGone);
      if (!identity) continue;
      const file: OutputFile = { path: formatEntryPath(path), ...identity, sha256: null };
      bytes += file.path.length + ENTRY_BYTES;
      if (bytes > MOST_BYTES) return { complete: false, done: false, files: found.sort(byPath) };
      found.push(file);
    }
    return { complete, done: false, files: found.sort(byPath) };
  }

  private async fillKnown(projectId: string, files: readonly OutputFile[]): Promise<void> {
    const some = files.filter((file) => file.sha256 === null);
    const known = await this.digests.find(projectId, some);
    for (const file of some) file.sha256 = known.get(identityKey(file))?.sha256 ?? null;
  }

  private async computeOthers(run: RunKey, results: SafeDirectory, { files, ...record }: OutputRecord): Promise<void> {
    const { projectId } = run;
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

function byPath(one: OutputFile, other: OutputFile): number {
  return one.path < other.path ? -1 : 1;
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
  // That there is too much to do is no fault of the file: the rest is taken up later.
  if (!(error instanceof DomainError) || error instanceof UnavailableError) throw error;
}
