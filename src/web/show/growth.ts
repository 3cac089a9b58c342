import type { ResultFile } from './result-tree';

/** A file that was not written for so long is taken to be done with for now. */
const REST_MS = 3000;

interface Seen {
  mark: string;
  sinceMs: number;
  hasChanged: boolean;
}

/** What was seen of the files of a run while it writes them, from look to look. */
export class Growth {
  private seen = new Map<string, Seen>();
  private nowMs = 0;
  /** By the clock of the day, at the same moment: who asks twice between two looks gets the same answer. */
  private dayMs = 0;

  /** @param nowMs by any clock that only goes on. */
  look(files: readonly ResultFile[], nowMs: number): void {
    const before = this.seen;
    this.nowMs = nowMs;
    this.dayMs = Date.now();
    this.seen = new Map(files.map((file) => [file.address, this.seeAgain(file, before.get(file.address))]));
  }

  /** Whether a file has been left alone for a while. The clock of its disk may be another one: it counts only for what was not seen to change. */
  rests({ address, mtimeMs }: Pick<ResultFile, 'address' | 'mtimeMs'>): boolean {
    const seen = this.seen.get(address);
    if (!seen) return false;
    return this.nowMs - seen.sinceMs >= REST_MS || (!seen.hasChanged && this.dayMs - mtimeMs >= REST_MS);
  }

  private seeAgain({ size, mtimeMs }: ResultFile, before: Seen | undefined): Seen {
    const mark = `${size} ${mtimeMs}`;
    if (before?.mark === mark) return before;
    return { mark, sinceMs: this.nowMs, hasChanged: before !== undefined };
  }
}
