const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Whether the server can be reached, as far as the uploads have found out; and when it is worth trying again. */
export class Network {
  private failures = 0;
  private timer: number | undefined;
  private down = false;

  /** @param onChange when it went away, and when it is tried again. */
  constructor(private readonly onChange: (isDown: boolean) => void) {
    window.addEventListener('online', () => this.tryAgain());
  }

  get isDown(): boolean {
    return this.down;
  }

  /** A request got through. */
  works(): void {
    this.failures = 0;
  }

  /** A request ended without an answer. */
  fails(): void {
    if (this.down) return;
    this.down = true;
    this.failures += 1;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
    // Not all browsers of a lab at the same instant, when their server is back.
    this.timer = window.setTimeout(() => this.tryAgain(), pause * (0.75 + Math.random() / 2));
    this.onChange(true);
  }

  private tryAgain(): void {
    if (!this.down) return;
    window.clearTimeout(this.timer);
    this.down = false;
    this.onChange(false);
  }
}
