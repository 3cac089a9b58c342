/** What is to be done with a file whose name is taken. */
export type Choice = 'keepBoth' | 'replace' | 'skip';

/**
 * - `waiting`: its turn will come.
 * - `sending`: it is on its way.
 * - `held`: the network or the server is away, or another tab sends it; it goes on by itself.
 * - `paused`: by the person.
 * - `asking`: its name is taken, and the person has to say what is to be done.
 * - `done`, `skipped`, `failed`, `cancelled`: over.
 */
export type ItemState = 'waiting' | 'sending' | 'held' | 'paused' | 'asking' | 'done' | 'skipped' | 'failed' | 'cancelled';

/** Files that were dropped or chosen together: an answer can hold for all of them. */
export interface Batch {
  choice?: Choice;
}

/** Why a file cannot go where it was meant, in the words of the server. */
export interface Question {
  message: string;
  /** What is there, for the sentence; absent where nothing can be replaced. */
  there?: { size: string; changedMs: number };
}

/** One file on its way to the server. */
export class UploadItem {
  state: ItemState = 'waiting';
  /** Bytes that have left. */
  sent = 0;
  /** Whether another try would end in the same way. */
  isHopeless = false;
  /** A sentence about its state; '' for the usual one. */
  note = '';
  question: Question | undefined;
  /** What the person has said about this file. */
  choice: Choice | undefined;
  /** Of the upload on the server, once there is one. */
  address: string | undefined;
  /** Whether the server may have taken it without our hearing of it. */
  isRepeated = false;
  /** Time, by `performance.now()`, before which it is not tried again. */
  notBefore = 0;
  /** How often in a row somebody else had it. */
  waits = 0;
  /** The same for each try, so that the server knows a repetition. */
  readonly key: string;

  constructor(
    readonly file: File,
    /** Below the folder that is open; names joined by `/`. */
    readonly path: string,
    /** Address of that folder in the project. */
    readonly folder: string,
    readonly batch: Batch,
  ) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    this.key = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  get size(): number {
    return this.file.size;
  }

  get isOver(): boolean {
    return this.state === 'done' || this.state === 'skipped' || this.state === 'failed' || this.state === 'cancelled';
  }

  /** Tells whether a part of this very file is on the server already: in the same project, under the same path, as old and as large. */
  fingerprint(project: string): string {
    return fingerprintOf(project, this.folder === '' ? this.path : `${this.folder}/${this.path}`, this.size, this.file.lastModified);
  }
}

export function fingerprintOf(project: string, path: string, size: number, modifiedMs: number | null): string {
  return [project, path.normalize('NFC'), size, modifiedMs ?? ''].join('\n');
}
