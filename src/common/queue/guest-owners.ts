/** A guest may become an account in the meantime; an account never becomes a guest. */
const BELIEVED_MS = 5000;

/**
 * Which owners of runs are guests, as far as this process has read it: so each claim asks only about people whom it does not know, and
 * about guests every few seconds.
 */
export class GuestOwners {
  private readonly others = new Set<string>();
  /** Until when each of them is believed to be one. */
  private readonly guests = new Map<string, number>();

  /** @param now in milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  has(ownerId: string): boolean {
    return this.guests.has(ownerId);
  }

  /** Of whom it has to be read. */
  unknownAmong(runs: readonly { ownerId: string }[]): string[] {
    const nowMs = this.now();
    const isUnknown = (ownerId: string) => !this.others.has(ownerId) && (this.guests.get(ownerId) ?? -Infinity) <= nowMs;
    return [...new Set(runs.map(({ ownerId }) => ownerId))].filter(isUnknown);
  }

  /** @param asked of whom it was read. @param guests those of them who are guests. */
  learn(asked: readonly string[], guests: readonly string[]): void {
    const nowMs = this.now();
    // Another claim may be about to decide on what was believed a moment ago.
    for (const [ownerId, untilMs] of this.guests) if (untilMs + BELIEVED_MS < nowMs) this.guests.delete(ownerId);
    for (const ownerId of guests) this.guests.set(ownerId, nowMs + BELIEVED_MS);
    const found = new Set(guests);
    for (const ownerId of asked) {
      if (found.has(ownerId)) continue;
      this.guests.delete(ownerId);
      this.others.add(ownerId);
    }
  }
}
