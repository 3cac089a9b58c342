/**
 * Pauses that somebody else can end. Unlike a race against a promise that resolves some day, a pause that is over leaves nothing behind:
 * programs run for weeks, and are looked at every second.
 */
export class Bell {
  private readonly sleepers = new Set<() => void>();

  /** Ends every pause that is under way. */
  ring(): void {
    for (const wake of this.sleepers) wake();
  }

  /** Resolves when it rings, when the time is over, or when `signal` fires. The time alone keeps no process from ending. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms).unref();
      signal.addEventListener('abort', wake);
      this.sleepers.add(wake);
    });
  }
}
