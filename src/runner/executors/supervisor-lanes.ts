import { setTimeout as sleep } from 'node:timers/promises';
import { SupervisorLane, type Identity, type Turn } from './supervisor-lane';

/** Lanes that nobody needs for so long end, but for one: the next program must not wait for a shell. */
const IDLE_MS = 30_000;
/** So long after a start another lane is made ready, when nothing hurries any more. */
const SPARE_AFTER_MS = 500;
/** A lane that is let go of ends at once, unless the machine is in trouble. */
const GONE_WITHIN_MS = 2000;
/** A supervisor that stands by answers within milliseconds, also on a machine that is very busy within this. */
const HELD_WITHIN_MS = 60_000;

/** What a lane gets for its next program before anybody knows which that will be. */
export interface Room {
  /** Absolute folder of a control group. */
  folder: string;
  /** The file of it into which a process writes `0` to enter it. */
  entrance: string;
}

/** Makes rooms, each for one program, and removes those that were not used. */
export interface Rooms {
  /** @returns null where there are none; rejects never. */
  make(lane: Identity): Promise<Room | null>;
  remove(room: Room): Promise<unknown>;
}

/** A lane that waits for a program. */
interface Waiting {
  lane: SupervisorLane;
  room: Promise<Room | null>;
  timer?: NodeJS.Timeout;
}

/** A supervisor with a program that waits. */
export interface Prepared {
  turn: Turn;
  identity: Identity;
}

interface Start {
  /** Absolute folder of the attempt. */
  folder: string;
  /** As `supervise.sh` reads them, without the folder. @param room in which the program will be. */
  wordsIn: (room: Room | null) => Promise<string[]>;
  /** Called once the record of the program can be read. */
  onEnded: () => Promise<void>;
}

/** Lanes in wait and lanes at work, the latter by the folder of their attempt. */
export class SupervisorLanes {
  private readonly working = new Map<string, Turn>();
  private readonly waiting: Waiting[] = [];
  private closed = false;
  private spareTimer: NodeJS.Timeout | null = null;

  /** @param environment what every program inherits. @param heldWithinMs after this time a lane counts as dead. */
  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly rooms: Rooms,
    private readonly heldWithinMs = HELD_WITHIN_MS,
  ) {}

  /** How far the attempt of this folder is; undefined when another process started it, or it is over. */
  of(folder: string): Turn | undefined {
    return this.working.get(folder);
  }

  /** Makes a supervisor. @throws what `wordsIn` throws; nothing is left then. */
  async prepare(start: Start): Promise<Prepared> {
    // One in wait may have died since.
    for (let waiting = this.take(); waiting; waiting = this.take()) {
      const prepared = await this.start(waiting, start);
      if (prepared) return prepared;
    }
    const prepared = await this.start(this.ready(await SupervisorLane.open(this.environment)), start);
    if (prepared) return prepared;
    throw new Error('/bin/sh ended before it held the program');
  }

  /** Ends the lanes in wait, whose rooms are good for nothing any more. */
  async renew(): Promise<void> {
    const all: Promise<void>[] = [];
    for (let waiting = this.take(); waiting; waiting = this.take()) all.push(this.end(waiting));
    await Promise.all(all);
  }

  /** Lets go of all lanes; what runs in them goes on. Resolves when those in wait have left nothing behind. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.spareTimer) clearTimeout(this.spareTimer);
    await this.renew();
  }

  private async start(waiting: Waiting, { folder, wordsIn, onEnded }: Start): Promise<Prepared | null> {
    const { lane } = waiting;
    const words = await waiting.room.then(wordsIn).catch(async (error: unknown) => {
      const hasDied = !lane.isAlive;
      await this.end(waiting);
      // Its room goes with it, perhaps at this very moment.
      if (hasDied) return null;
      throw error;
    });
    if (!words) return null;
    const turn = lane.prepare([folder, ...words]);
    const identity = await within(this.heldWithinMs, turn.held);
    if (!identity) {
      await this.end(waiting);
      // Another would hang as well, for as long again.
      if (identity === undefined) throw new Error('/bin/sh did not answer, so nothing was started');
      return null;
    }
    this.working.set(folder, turn);
    this.spareTimer ??= setTimeout(() => void this.makeSpare(), SPARE_AFTER_MS).unref();
    void this.secure(turn, onEnded);
    void this.takeBack(folder, turn);
    return { turn, identity };
  }

  /** Any other word than "kept" makes the lane see to the record by itself. */
  private async secure({ lane, ended }: Turn, onEnded: () => Promise<void>): Promise<void> {
    if (!(await ended)) return;
    const word = await onEnded().then(
      () => 'kept' as const,
      () => 'no' as const,
    );
    await lane.say(word);
  }

  /** The one that came last of those that can take a program at once: so the others come to their end. */
  private take(): Waiting | undefined {
    const at = this.waiting.findLastIndex(({ lane }) => lane.isStanding);
    const [next] = this.waiting.splice(at, 1);
    clearTimeout(next?.timer);
    return next;
  }

  private async takeBack(folder: string, { lane, free }: Turn): Promise<void> {
    await free;
    this.working.delete(folder);
    if (!lane.isAlive) return;
    if (this.closed) return lane.close();
    this.wait(this.ready(lane));
  }

  private ready(lane: SupervisorLane): Waiting {
    const room = this.rooms.make(lane.identity);
    void room.then((made) => lane.standBy(made ? [made.entrance] : []));
    return { lane, room };
  }

  private wait(waiting: Waiting): void {
    waiting.timer = setTimeout(() => this.drop(waiting), IDLE_MS).unref();
    this.waiting.push(waiting);
  }

  /** A machine that cannot make one now can perhaps when it is needed. */
  private async makeSpare(): Promise<void> {
    this.spareTimer = null;
    if (this.closed || this.waiting.length > 0) return;
    const lane = await SupervisorLane.open(this.environment).catch(() => null);
    if (!lane) return;
    if (this.closed) lane.close();
    else this.wait(this.ready(lane));
  }

  private drop(waiting: Waiting): void {
    const at = this.waiting.indexOf(waiting);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    if (this.waiting.length === 0 && waiting.lane.isAlive) this.wait(waiting);
    else void this.end(waiting);
  }

  /** The room is empty once the lane has ended. */
  private async end({ lane, room }: Waiting): Promise<void> {
    const made = await room;
    lane.close();
    await within(GONE_WITHIN_MS, lane.gone);
    if (made) await this.rooms.remove(made);
  }
}

/** What comes of it, or undefined when that takes too long. The time keeps this process from ending, which a lane does not. */
async function within<Result>(ms: number, result: Promise<Result>): Promise<Result | undefined> {
  const patience = new AbortController();
  const late = sleep(ms, undefined, { signal: patience.signal }).catch(() => undefined);
  return Promise.race([result, late]).finally(() => patience.abort());
}
