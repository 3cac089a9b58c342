/** A cable that is pulled breaks no connection: without a sign of life for so long a transfer is taken for dead. */
const SILENCE_MS = 45_000;

/** Calls out when nothing has happened for too long. */
export class Watchdog {
  private timer: number | undefined;

  constructor(private readonly onSilence: () => void) {
    this.calm();
  }

  /** Something has happened. */
  calm(): void {
    this.end();
    this.timer = window.setTimeout(this.onSilence, SILENCE_MS);
  }

  end(): void {
    window.clearTimeout(this.timer);
  }
}
