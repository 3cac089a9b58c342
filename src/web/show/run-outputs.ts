import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { identityKey } from '../../common/files/file-identity';
import { RunFolders } from '../../common/files/run-folders';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { OutputNotes } from '../../common/outputs/output-notes';
import { asOutputRecord, OUTPUT_RECORD, type OutputFile, type OutputRecord } from '../../common/outputs/output-record';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { readControlRecord } from './control-record';
import { RunResults } from './run-results';

/** One file that a run has left, and what became of it since. */
export interface OutputView {
  /** For people. */
  name: string;
  /** Address below the folder of results; null when it is not there any more. */
  address: string | null;
  size: number;
  sha256: string | null;
  /** `same`: as it was when the run ended. */
  since: 'same' | 'changed' | 'gone';
}

export interface OutputsView {
  /** The first of them. */
  files: OutputView[];
  total: number;
  /** Of all that are written down, how many have a checksum. */
  known: number;
  /** False when there were more than were written down. */
  complete: boolean;
  /** Whether checksums are still being computed. */
  isUnderWay: boolean;
  /** Of those shown, how many are not as they were. */
  changed: number;
}

const MOST_SHOWN = 200;
/** A slow disk, read by a thread that rests as long as it reads. */
const GENTLE_BYTES_PER_MS = 10_000;

/** The files that a run has left, as they were when it ended, with their checksums. */
@Injectable()
export class RunOutputs {
  /** How long the runner that settled the end is left alone with it; tests have none. */
  patienceMs = 10 * 60_000;

  constructor(
    private readonly folders: RunFolders,
    private readonly results: RunResults,
    private readonly notes: OutputNotes,
  ) {}

  /**
   * What is written down. Where nothing is, or not all, and the runner has had time for it, this process begins to. Null before the end, and
   * for what never began.
   */
  async record(run: Run): Promise<OutputRecord | null> {
    if (run.attempt === 0 || !isFinal(run.state)) return null;
    const record = asOutputRecord(await readControlRecord(this.folders.of(run.id), [String(run.attempt), OUTPUT_RECORD]));
    if (!record?.done && this.isLeft(run, record)) this.notes.note(run);
    return record;
  }

  /** Whether whoever settled its end has probably left it: it reads a file gently, and other runs may wait before this one. */
  private isLeft({ finishedMs }: Run, record: OutputRecord | null): boolean {
    const bytes = (record?.files ?? []).reduce((sum, { size }) => sum + size, 0);
    return Date.now() - (finishedMs ?? 0) >= this.patienceMs + bytes / GENTLE_BYTES_PER_MS;
  }

  /** Null before the end, where nothing is written down yet, and for runs that have left nothing. */
  async of(run: Run): Promise<OutputsView | null> {
    const record = await this.record(run);
    if (!record || record.files.length === 0) return null;
    const directory = await this.results.of(run).catch(nullWhenGone);
    const files = await Promise.all(record.files.slice(0, MOST_SHOWN).map((file) => viewOf(directory, file)));
    return {
      files,
      total: record.files.length,
      known: record.files.filter(({ sha256 }) => sha256 !== null).length,
      complete: record.complete,
      isUnderWay: !record.done,
      changed: files.filter(({ since }) => since !== 'same').length,
    };
  }
}

async function viewOf(directory: SafeDirectory | null, file: OutputFile): Promise<OutputView> {
  const path = parseEntryPath(file.path);
  const now = directory && (await directory.identify(path).catch(nullWhenGone));
  const since = now === null ? 'gone' : identityKey(now) === identityKey(file) ? 'same' : 'changed';
  return { name: shownPath(path), address: since === 'gone' ? null : file.path, size: file.size, sha256: file.sha256, since };
}

/** For people, and for the rules of a pipeline. */
export function shownPath(path: EntryPath): string {
  return path.map(showEntryName).join('/');
}

function nullWhenGone(error: unknown): null {
  if (error instanceof DomainError) return null;
  throw error;
}
