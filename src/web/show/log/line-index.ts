/** Bytes for which one figure is kept: a log of a gigabyte costs 128 kB. */
export const INDEX_STEP = 64 * 1024;

/** How many lines end before each whole step of a log: finds the line of a byte, and the byte of a line, by reading one step. */
export class LineIndex {
  /** At `k`: newlines before byte `k * INDEX_STEP`. */
  private sums = new Float64Array(64);
  private steps = 0;

  /** @param newlines in the next step. */
  add(newlines: number): void {
    if (this.steps + 1 === this.sums.length) {
      const grown = new Float64Array(this.sums.length * 2);
      grown.set(this.sums);
      this.sums = grown;
    }
    this.sums[this.steps + 1] = this.sums[this.steps] + newlines;
    this.steps += 1;
  }

  /** Bytes that are counted. */
  get reach(): number {
    return this.steps * INDEX_STEP;
  }

  /** Lines that end within them. */
  get newlines(): number {
    return this.sums[this.steps];
  }

  /** Where the step of a byte begins, and how many lines end before that; null beyond what is counted. */
  stepOf(byte: number): { from: number; newlines: number } | null {
    const step = Math.floor(byte / INDEX_STEP);
    return step > this.steps ? null : { from: step * INDEX_STEP, newlines: this.sums[step] };
  }

  /** The step in which the given newline (from 1) stands, or the one behind all that are counted. */
  stepWith(newline: number): { from: number; newlines: number } {
    let low = 0;
    let high = this.steps;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.sums[middle] < newline) low = middle;
      else high = middle - 1;
    }
    return { from: low * INDEX_STEP, newlines: this.sums[low] };
  }
}

const NEWLINE = 0x0a;

export function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let index = 0; index < bytes.length; index++) if (bytes[index] === NEWLINE) count++;
  return count;
}

/** Byte after the given newline (from 1) of a piece; -1 when it has not so many. */
export function afterNewline(bytes: Buffer, newline: number): number {
  let position = 0;
  for (let found = 0; found < newline; found++) {
    const next = bytes.indexOf(NEWLINE, position);
    if (next === -1) return -1;
    position = next + 1;
  }
  return position;
}
