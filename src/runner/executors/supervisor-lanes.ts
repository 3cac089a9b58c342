import { type Identity, SupervisorLane } from './supervisor-lane';

/** Lanes that nobody needs for so long end, but for one: the next program must not wait for a shell. */
const IDLE_MS = 30_000;
/** So long after a start another lane is made ready, when nothing hurries any more. */
const SPARE_AFTER_MS = 500;

/** Lanes in wait and lanes at work, the latter by the folder of their attempt. */
export class SupervisorLanes {
  private readonly working = new Map<string, SupervisorLane>();
  private readonly waiting: { lane: SupervisorLane; timer: NodeJS.Timeout }[] = [];
  private closed = false;
  private spareTimer: NodeJS.Timeout | null = null;

  /** @param environment what every program inherits. */
  constructor(private readonly environment: Readonly<Record<string, string>>) {}

  /** The lane that has the attempt of this folder at work; undefined when another process started it, or it is over. */
  of(folder: string): SupervisorLane | undefined {
    return this.working.get(folder);
  }

  /** Makes a supervisor. @param onEnded called once the record of the program can be read. */
  async prepare(
    folder: string,
    words: readonly string[],
    onEnded: () => Promise<void>,
  ): Promise<{ lane: SupervisorLane; identity: Identity }> {
    // One in wait may have died since.
    for (let lane = this.take(); lane; lane = this.take()) {
      const identity = await this.start(lane, folder, words, onEnded);
      if (identity) return { lane, identity };
    }
    const lane = await SupervisorLane.open(this.environment);
    const identity = await this.start(lane, folder, words, onEnded);
    if (identity) return { lane, identity };
    throw new Error('/bin/sh ended before it held the program');
  }

  /** Lets go of all lanes; what runs in them goes on. */
  close(): void {
    this.closed = true;
    if (this.spareTimer) clearTimeout(this.spareTimer);
    for (let lane = this.take(); lane; lane = this.take()) lane.close();
  }

  private async start(
    lane: SupervisorLane,
    folder: string,
    words: readonly string[],
    onEnded: () => Promise<void>,
  ): Promise<Identity | null> {
    const identity = await lane.prepare([folder, ...words]);
    if (!identity) return null;
    this.working.set(folder, lane);
    this.spareTimer ??= setTimeout(() => void this.makeSpare(), SPARE_AFTER_MS).unref();
    void this.secure(lane, onEnded);
    void this.takeBack(folder, lane);
    return identity;
  }

  /** Any other word than "kept" makes the lane see to the record by itself. */
  private async secure(lane: SupervisorLane, onEnded: () => Promise<void>): Promise<void> {
    if (!(await lane.ended)) return;
    const word = await onEnded().then(
      () => 'kept' as const,
      () => 'no' as const,
    );
    await lane.say(word);
  }

  private take(): SupervisorLane | undefined {
    const next = this.waiting.pop();
    clearTimeout(next?.timer);
    return next?.lane;
  }

  private async takeBack(folder: string, lane: SupervisorLane): Promise<void> {
    await lane.free;
    this.working.delete(folder);
    if (!lane.isAlive) return;
    if (this.closed) return lane.close();
    this.wait(lane);
  }

  private wait(lane: SupervisorLane): void {
    this.waiting.push({ lane, timer: setTimeout(() => this.drop(lane), IDLE_MS).unref() });
  }

  /** A machine that cannot make one now can perhaps when it is needed. */
  private async makeSpare(): Promise<void> {
    this.spareTimer = null;
    if (this.closed || this.waiting.length > 0) return;
    const lane = await SupervisorLane.open(this.environment).catch(() => null);
    if (!lane) return;
    if (this.closed) lane.close();
    else this.wait(lane);
  }

  private drop(lane: SupervisorLane): void {
    const at = this.waiting.findIndex((entry) => entry.lane === lane);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    if (this.waiting.length === 0 && lane.isAlive) this.wait(lane);
    else lane.close();
  }
}
