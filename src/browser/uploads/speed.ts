const OVER_MS = 3000;
const LEAST_MS = 300;

/** Bytes per second over the last few seconds. */
export class Speed {
  private marks: { atMs: number; sent: number }[] = [];

  /** @param sent bytes that have left in all; fewer than before begins anew. */
  note(sent: number): void {
    const atMs = performance.now();
    if (sent < (this.marks.at(-1)?.sent ?? 0)) this.marks = [];
    this.marks.push({ atMs, sent });
    while (this.marks.length > 2 && atMs - this.marks[0].atMs > OVER_MS) this.marks.shift();
  }

  /** Nothing moves, or did for a while. */
  forget(): void {
    this.marks = [];
  }

  /** Undefined while there is too little to go by. */
  get perSecond(): number | undefined {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    if (!first || !last || last.atMs - first.atMs < LEAST_MS) return undefined;
    const speed = ((last.sent - first.sent) / (last.atMs - first.atMs)) * 1000;
    return speed > 0 ? speed : undefined;
  }
}
