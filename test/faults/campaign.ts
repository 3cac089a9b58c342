import { readFileSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunEvent } from '../../src/common/queue/run.entity';
import { isFinal } from '../../src/common/queue/run-state';
import { CRASH_POINTS, type CrashPoint } from '../../src/runner/crash-points';
import { compileProduct, type Product } from '../product';
import { RunnerWorld, type RunnerProcess } from '../runner-world';
import { startMariadb, type MariadbServer } from '../tools/mariadb.mjs';
import { findFaults, readJournal, type Journal } from './checker';
import { Random } from './random';

export interface CampaignPlan {
  seed: number;
  jobs: number;
  runners: number;
  /** Most milliseconds of trouble; it goes on until all runs are submitted and each named point was met. */
  troubleMs: number;
}

export interface CampaignReport {
  faults: string[];
  kills: number;
  points: Partial<Record<CrashPoint, number>>;
  freezes: number;
  databaseKills: number;
  takeOvers: number;
  states: Record<string, number>;
  /** From the last restart until everything was settled. */
  settledMs: number;
}

/** A place for a runner process: there is always one on it, and when it dies the next. */
interface Seat {
  name: string;
  process: RunnerProcess | null;
  /** The named point at which it will die. */
  point: CrashPoint | null;
  /** The named point at which the one before died. */
  died: CrashPoint | null;
  frozen: boolean;
}

const SETTLE_WITHIN_MS = 30_000;
const STALE_MS = 1500;
const SETTINGS = { RUNNER_BEAT: '0.3s', RUNNER_STALE: `${STALE_MS / 1000}s`, RUNNER_SLOTS: '4', LOG_LEVEL: 'warn' };
/** The program itself says that it starts and ends: one write each, to a file that is opened for appending. */
const JOB = 'echo "start $SHOWRUNNER_RUN $SHOWRUNNER_ATTEMPT" >> "$1"; sleep "$2"; echo "end $SHOWRUNNER_RUN $SHOWRUNNER_ATTEMPT" >> "$1"';

/** Runs that are submitted while runners, and the database, die under them. */
export class Campaign {
  private readonly random: Random;
  private readonly seats: Seat[];
  private readonly accepted: number[] = [];
  private readonly points: Partial<Record<CrashPoint, number>> = {};
  private kills = 0;
  private freezes = 0;
  private databaseKills = 0;
  private over = false;

  private constructor(
    private readonly plan: CampaignPlan,
    readonly world: RunnerWorld,
    private readonly product: Product,
    private server: MariadbServer | null,
  ) {
    this.random = new Random(plan.seed);
    this.seats = Array.from({ length: plan.runners }, (_, index) => ({
      name: `runner-${index + 1}`,
      process: null,
      point: null,
      died: null,
      frozen: false,
    }));
    writeFileSync(this.journalPath, '');
  }

  /** On MariaDB with a server of its own, because it will be killed. */
  static async open(plan: CampaignPlan): Promise<Campaign> {
    const shared = process.env['TEST_MARIADB_SOCKET'];
    const server = shared === undefined ? null : await startMariadb();
    if (server) process.env['TEST_MARIADB_SOCKET'] = server.socket;
    const world = await RunnerWorld.open(SETTINGS).finally(() => {
      if (shared !== undefined) process.env['TEST_MARIADB_SOCKET'] = shared;
    });
    return new Campaign(plan, world, compileProduct(), server);
  }

  async close(): Promise<void> {
    for (const { process } of this.seats) await process?.end('SIGKILL');
    await this.world.close();
    await this.server?.stop();
    this.product.remove();
  }

  async run(): Promise<CampaignReport> {
    const submitting = this.submitAll();
    await Promise.all([this.makeTrouble(submitting), submitting]);
    const began = performance.now();
    await this.restoreOrder();
    while (performance.now() - began < SETTLE_WITHIN_MS && (await this.openRuns()) > 0) await sleep(50);
    return this.report(performance.now() - began);
  }

  journal(): Journal {
    return readJournal(readFileSync(this.journalPath, 'utf8'));
  }

  /** Starts a runner on a free seat. */
  async seat(index: number, point: CrashPoint | null = null): Promise<RunnerProcess> {
    const seat = this.seats[index];
    const crash: Record<string, string> =
      point === null ? {} : { TEST_CRASH_AT: `${point}:${point === 'afterSeal' ? 1 : this.random.pick([1, 2])}` };
    seat.point = point;
    seat.process = this.world.spawnRunner(this.product.home, { RUNNER_NAME: seat.name, ...crash });
    return seat.process;
  }

  private get journalPath(): string {
    return join(this.world.database.folder, 'journal');
  }

  private async submitAll(): Promise<void> {
    for (let count = 0; count < this.plan.jobs; count += 1) {
      const runId = await this.submitOne();
      if (this.random.next() < 0.1) {
        await sleep(this.random.between(0, 300));
        await this.insist(() => this.world.cancel(runId, 'Cancelled by the campaign'));
      }
      await sleep(this.random.between(0, (this.plan.troubleMs * 0.6) / this.plan.jobs));
    }
  }

  private async submitOne(): Promise<number> {
    const seconds = this.random.between(0, 0.6).toFixed(2);
    const submissionId = randomUUID();
    const runId = await this.insist(() => this.submitJob(seconds, submissionId));
    this.accepted.push(runId);
    return runId;
  }

  /** A program that runs for so many seconds. */
  submitJob(seconds: string, submissionId: string = randomUUID()): Promise<number> {
    const command = ['/bin/sh', '-c', JOB, 'job', this.journalPath, seconds];
    return this.world.run(JOB, { runtime: { kind: 'process', command, env: {} } }, { submissionId });
  }

  private async makeTrouble(submitting: Promise<void>): Promise<void> {
    const untilMs = performance.now() + this.plan.troubleMs;
    void submitting.finally(() => (this.over = true));
    const missing = () => CRASH_POINTS.filter((point) => !this.points[point]);
    while (performance.now() < untilMs && !(this.over && missing().length === 0)) {
      await this.fillSeats(missing());
      // Some points are met with work at hand only: without further runs those that chance left out would stay out.
      if (this.over) await this.submitOne();
      await sleep(this.random.between(50, 400));
      await this.insist(() => this.oneTrouble());
      this.countDeaths();
    }
  }

  /** Every second restart carries the next named point at which it will die. */
  private async fillSeats(missing: CrashPoint[]): Promise<void> {
    for (const [index, { process }] of this.seats.entries()) {
      if (process?.isAlive) continue;
      await this.seat(index, index % 2 === 0 ? this.nextPoint(index, missing) : null);
    }
  }

  /** Sealing happens to what died while it was being started, so it is tried right after such a death. */
  private nextPoint(index: number, missing: CrashPoint[]): CrashPoint {
    const leavesWork = this.seats[index].died === 'afterClaim' || this.seats[index].died === 'afterPrepare';
    if (leavesWork && missing.includes('afterSeal')) return 'afterSeal';
    return missing.find((point) => point !== 'afterSeal') ?? this.random.pick(['afterClaim', 'afterPrepare', ...CRASH_POINTS]);
  }

  private async oneTrouble(): Promise<void> {
    const dice = this.random.next();
    const seat = this.random.pick(this.seats.filter(({ frozen }) => !frozen));
    if (!seat?.process?.isAlive) return;
    if (dice < 0.25 && seat.point === null) {
      this.kills += 1;
      await seat.process.end('SIGKILL');
    } else if (dice < 0.35 && !this.seats.some(({ frozen }) => frozen)) {
      void this.freeze(seat);
    } else if (dice < 0.42 && this.server && !this.over) {
      await this.killDatabase();
    }
  }

  /** Longer than the lease, so that the runner wakes into a world that has moved on. */
  private async freeze(seat: Seat): Promise<void> {
    const { process } = seat;
    if (!process) return;
    seat.frozen = true;
    this.freezes += 1;
    await this.world.freeze(process);
    await sleep(STALE_MS + this.random.between(300, 1500));
    process.child.kill('SIGCONT');
    seat.frozen = false;
  }

  private async killDatabase(): Promise<void> {
    if (!this.server) return;
    this.databaseKills += 1;
    await this.server.stop('SIGKILL');
    await sleep(this.random.between(0, 800));
    this.server = await startMariadb({ keep: this.server.folder });
  }

  private countDeaths(): void {
    for (const seat of this.seats) {
      if (!seat.process || seat.process.isAlive) continue;
      if (seat.point) this.points[seat.point] = (this.points[seat.point] ?? 0) + 1;
      seat.died = seat.point;
      seat.process = null;
      seat.point = null;
    }
  }

  /** The last restart: every seat taken by a runner that is meant to live. */
  private async restoreOrder(): Promise<void> {
    for (const [index, seat] of this.seats.entries()) {
      if (seat.process?.isAlive && seat.point === null) seat.process.child.kill('SIGCONT');
      else await seat.process?.end('SIGKILL');
      if (!seat.process?.isAlive) await this.seat(index);
    }
  }

  private async openRuns(): Promise<number> {
    const runs = await this.insist(() => this.world.runs());
    return runs.filter(({ state }) => !isFinal(state) && state !== 'unknown').length;
  }

  private async report(settledMs: number): Promise<CampaignReport> {
    const runs = await this.world.runs();
    const events = await this.world.dataSource.getRepository(RunEvent).find({ order: { id: 'ASC' } });
    const states: Record<string, number> = {};
    for (const { state } of runs) states[state] = (states[state] ?? 0) + 1;
    return {
      faults: findFaults(this.accepted, runs, events, this.journal()),
      kills: this.kills,
      points: this.points,
      freezes: this.freezes,
      databaseKills: this.databaseKills,
      takeOvers: events.filter(({ fromState, toState }) => fromState === toState).length,
      states,
      settledMs: Math.round(settledMs),
    };
  }

  /** Repeats what fails because the database is away, as a web process would ask its user to. */
  private async insist<Result>(step: () => Promise<Result>): Promise<Result> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await step();
      } catch (error) {
        if (tries === 300) throw error;
        await sleep(50);
      }
    }
  }
}
