/** How far several files are together, for one bar. */
export class Tally<File extends { target: string; size: number }> {
  private readonly whole: number;
  private readonly moves = new Map<File, number>();
  private done = 0;

  constructor(
    files: readonly File[],
    private readonly show: (name: string, done: number, whole: number) => void,
  ) {
    this.whole = files.reduce((sum, { size }) => sum + size, 0);
  }

  /** @param done bytes of that file; fewer than before where it begins anew. */
  moved(file: File, done: number): void {
    this.done += done - (this.moves.get(file) ?? 0);
    this.moves.set(file, done);
    this.show(file.target, this.done, this.whole);
  }
}
