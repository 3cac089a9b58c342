import { setTimeout as sleep } from 'node:timers/promises';
import { CRASH_POINTS, type CrashPoint } from '../../src/runner/crash-points';
import { RunnerProcess, type RunnerWorld } from '../runner-world';
import { until } from '../until';
import type { Random } from './random';

/** A place for a runner process: there is always one on it, and when it dies the next. */
export interface Seat {
  name: string;
  process: RunnerProcess | null;
  /** The named point at which it will die. */
  point: CrashPoint | null;
  /** The named point at which the one before died. */
  died: CrashPoint | null;
  frozen: boolean;
}

/** Runs are frozen for longer than the lease, so that the runner wakes into a world that has moved on. */
export const STALE_MS = 1500;
/** How long a runner whose name was taken may need to notice, on a busy machine. */
const REPLACED_WITHIN_MS = 30_000;

/** The runners of a campaign. */
export class Seats {
  readonly all: Seat[];
  /** How often runners died at each named point. */
  readonly points: Partial<Record<CrashPoint, number>> = {};
  /** Processes of a name for which another one was started meanwhile. */
  private readonly doubles: { seat: Seat; process: RunnerProcess }[] = [];

  constructor(
    count: number,
    private readonly world: RunnerWorld,
    private readonly home: string,
    private readonly random: Random,
    /** What every process is started with, by then. */
    private readonly environment: () => Record<string, string>,
  ) {
    const empty = { process: null, point: null, died: null, frozen: false };
    this.all = Array.from({ length: count }, (_, index) => ({ ...empty, name: `runner-${index + 1}` }));
  }

  /** Starts a runner on a seat, beside whoever sits there. @param way what happens to it at the point. */
  start(seat: Seat, point: CrashPoint | null = null, way: 'kill' | 'pause' = 'kill'): RunnerProcess {
    const times = point === 'afterSeal' || way === 'pause' ? 1 : this.random.pick([1, 2]);
    const crash: Record<string, string> = point === null ? {} : { TEST_CRASH_AT: `${point}:${times}:${way}` };
    seat.point = point;
    seat.process = this.world.spawnRunner(this.home, { ...this.environment(), RUNNER_NAME: seat.name, ...crash });
    return seat.process;
  }

  /** Fills the empty ones; every second restart carries the next named point at which it will die. */
  fill(missing: readonly CrashPoint[]): void {
    for (const [index, seat] of this.all.entries()) {
      if (!seat.process?.isAlive) this.start(seat, index % 2 === 0 ? this.nextPoint(seat, missing) : null);
    }
  }

  get missingPoints(): CrashPoint[] {
    return CRASH_POINTS.filter((point) => !this.points[point]);
  }

  /** Enters who has died since the last time. */
  count(): void {
    for (const seat of this.all) {
      if (!seat.process || seat.process.isAlive) continue;
      if (seat.point && seat.process.child.signalCode === 'SIGKILL') this.points[seat.point] = (this.points[seat.point] ?? 0) + 1;
      seat.died = seat.point;
      seat.process = null;
      seat.point = null;
    }
  }

  /** One that lives, is awake and was not sent to die somewhere else. */
  anyone(): Seat | undefined {
    return this.random.pick(this.all.filter(({ process, point, frozen }) => process?.isAlive && point === null && !frozen));
  }

  async freeze(seat: Seat): Promise<void> {
    const { process } = seat;
    if (!process) return;
    seat.frozen = true;
    await this.world.freeze(process);
    await sleep(STALE_MS + this.random.between(300, 1500));
    process.child.kill('SIGCONT');
    seat.frozen = false;
  }

  /** A second process of the same name; one of the two has to go by itself. */
  double(seat: Seat): void {
    if (seat.process) this.doubles.push({ seat, process: seat.process });
    this.start(seat);
  }

  /**
   * Whoever registers last keeps the name, which on a busy machine may be the one that was started first.
   * @returns a fault for each name that two processes went on with.
   */
  async doublesLeft(): Promise<string[]> {
    const left = () => this.doubles.filter(({ seat, process }) => process.isAlive && this.processesOf(seat) > 1);
    await until(() => left().length === 0, REPLACED_WITHIN_MS).catch(() => undefined);
    return left().map(({ seat, process }) => `${this.processesOf(seat)} runners go on as ${seat.name}, one of them ${process.child.pid}`);
  }

  private processesOf(seat: Seat): number {
    const older = this.doubles.filter((double) => double.seat === seat && double.process.isAlive).length;
    return older + (seat.process?.isAlive ? 1 : 0);
  }

  /** The last restart: every seat taken by a runner that is meant to live. */
  async restore(): Promise<void> {
    for (const seat of this.all) {
      if (seat.process?.isAlive && seat.point === null) seat.process.child.kill('SIGCONT');
      else await seat.process?.end('SIGKILL');
      if (!seat.process?.isAlive) this.start(seat);
    }
  }

  async close(): Promise<void> {
    const processes = [...this.doubles.map(({ process }) => process), ...this.all.flatMap(({ process }) => process ?? [])];
    await Promise.all(processes.map((process) => process.end('SIGKILL')));
  }

  /** Sealing happens to what died while it was being started, so it is tried right after such a death. */
  private nextPoint(seat: Seat, missing: readonly CrashPoint[]): CrashPoint {
    const leavesWork = seat.died === 'afterClaim' || seat.died === 'afterPrepare';
    if (leavesWork && missing.includes('afterSeal')) return 'afterSeal';
    return missing.find((point) => point !== 'afterSeal') ?? this.random.pick(['afterClaim', 'afterPrepare', ...CRASH_POINTS]);
  }
}
