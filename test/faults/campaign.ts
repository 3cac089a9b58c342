import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunEvent, type Run } from '../../src/common/queue/run.entity';
import { isFinal } from '../../src/common/queue/run-state';
import type { CrashPoint } from '../../src/runner/crash-points';
import { compileProduct, type Product } from '../product';
import { RunnerWorld } from '../runner-world';
import { startMariadb, type MariadbServer } from '../tools/mariadb.mjs';
import { findFaults, type AcceptedRun } from './checker';
import type { EngineWorld, Trouble } from './engines/engine-world';
import { FakeClock } from './fake-clock';
import { addPipelines, drawJob, parametersOf, pipelineOf, timeLimitOf, type Job } from './jobs';
import { Journal } from './journal';
import { Random } from './random';
import { Seats, STALE_MS } from './seats';
import { insist, type Stage } from './stage';
import { commonTroubles, pickTrouble, switchOff } from './troubles';
import { WebSeat } from './web-seat';

export interface CampaignPlan {
  seed: number;
  jobs: number;
  runners: number;
  /** Most milliseconds of trouble; it goes on until all runs are submitted. Where each named point has to be met it may take longer. */
  troubleMs: number;
  /** Whether a runner has to die at each named point, however long that takes. */
  everyPoint: boolean;
  /** Share of the jobs that are submitted through the form of a web process; 0 starts none. */
  throughWeb: number;
}

export interface CampaignReport {
  engine: string;
  database: string;
  seed: number;
  runs: number;
  faults: string[];
  /** How often each kind of trouble was made. */
  troubles: Record<string, number>;
  /** How often a runner died at each named point. */
  points: Partial<Record<CrashPoint, number>>;
  takeOvers: number;
  states: Record<string, number>;
  /** Runs that ended `failed` because runners died five times over them before they began. */
  neverStarted: number;
  /** Runs whose evidence was destroyed on purpose. */
  destroyed: number;
  /** Runs that are left `unknown`, with their evidence. */
  unknown: string[];
  /** From the last restart until everything was settled. */
  settledMs: number;
}

/** Characters of a runner's log that tell why something does not end. */
const LOG_TAIL = 3000;
const SETTLE_WITHIN_MS = 120_000;
/** Chance, and a machine that is busy with other work, can leave a point out for a while: as often as this the time of trouble. */
const POINTS_WITHIN = 3;
const UNKNOWN_FOR_MS = 5000;
const GONE_WITHIN_MS = 20_000;
const SETTINGS = {
  RUNNER_BEAT: '0.3s',
  RUNNER_STALE: `${STALE_MS / 1000}s`,
  LOG_LEVEL: 'warn',
  MAX_LOG: '64 KB',
  STOP_GRACE: '1s',
};
const SMALL_DISK = '64m';

/** Runs that are submitted while everything that serves them dies, again and again. */
export class Campaign implements Stage {
  readonly random: Random;
  readonly mark = `LC_CAMPAIGN=${randomUUID()}`;
  readonly destroyed = new Map<number, string>();
  readonly accepted: AcceptedRun[] = [];
  seats!: Seats;
  web: WebSeat | null = null;
  private readonly done: Record<string, number> = {};
  private boots = 1;
  private over = false;
  private hasSmallDisk = false;

  private constructor(
    private readonly plan: CampaignPlan,
    readonly world: RunnerWorld,
    private readonly engine: EngineWorld,
    readonly clock: FakeClock | null,
    private readonly clockFolder: string,
    private server: MariadbServer | null,
  ) {
    this.random = new Random(plan.seed);
  }

  private product!: Product;

  /** On MariaDB with a server of its own, because it will be killed. */
  static async open(plan: CampaignPlan, engine: EngineWorld): Promise<Campaign> {
    const shared = process.env['TEST_MARIADB_SOCKET'];
    const clockFolder = mkdtempSync(join(tmpdir(), 'showrunner-clock-'));
    const clock = FakeClock.open(clockFolder);
    const server = shared === undefined ? null : await startMariadb({ environment: clock?.environment ?? {} });
    if (server) process.env['TEST_MARIADB_SOCKET'] = server.socket;
    const settings = { ...SETTINGS, RUNNER_SLOTS: String(engine.places), RUNNER_ENGINES: engine.engine, ...engine.settings };
    const world = await RunnerWorld.open(settings).finally(() => {
      if (shared !== undefined) process.env['TEST_MARIADB_SOCKET'] = shared;
    });
    const campaign = new Campaign(plan, world, engine, clock, clockFolder, server);
    await campaign.begin();
    return campaign;
  }

  private async begin(): Promise<void> {
    this.product = compileProduct();
    mkdirSync(this.journalFolder, { recursive: true });
    writeFileSync(this.journalPath, '');
    mkdirSync(this.disk, { recursive: true });
    const isLocal = this.engine.engine === 'process';
    this.hasSmallDisk = isLocal && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'showrunner', this.disk]).status === 0;
    await this.engine.begin(this);
    const pipelines = this.world.environment['PIPELINES_DIR'];
    addPipelines(pipelines, this.journalPath, this.engine.block(this.journalFolder), this.engine.retryOn);
    const environment = () => this.environment();
    this.seats = new Seats(this.plan.runners, this.world, this.product.home, this.random, environment);
    if (this.plan.throughWeb > 0) this.web = await WebSeat.open(this.world, this.product.home, environment);
  }

  async close(): Promise<void> {
    this.clock?.stepTo(0);
    await this.seats.close();
    await this.web?.close();
    await this.engine.switchOff(this);
    await this.engine.close();
    if (this.hasSmallDisk) spawnSync('umount', ['--lazy', this.disk]);
    await this.world.close();
    await this.server?.stop('SIGKILL');
    for (const folder of [this.server?.folder, this.clockFolder]) if (folder) rmSync(folder, { recursive: true, force: true });
    this.product.remove();
  }

  async run(): Promise<CampaignReport> {
    const submitting = this.submitAll();
    await Promise.all([this.makeTrouble(submitting), submitting]);
    const began = performance.now();
    await this.restoreOrder();
    const everythingEnds = async () => {
      while (performance.now() - began < SETTLE_WITHIN_MS && (await this.runsThat(isOpen)) > 0) await sleep(50);
    };
    await everythingEnds();
    if ((await this.runsThat(isOpen)) > 0) process.stdout.write(await this.explain());
    // What is shown as unknown may stay so, for as long as what is left of it lives; most can be seen again soon.
    const settled = performance.now();
    while (performance.now() - settled < UNKNOWN_FOR_MS && (await this.runsThat(({ state }) => state === 'unknown')) > 0) await sleep(50);
    // One that was seen again goes on from there, be it before its program had begun.
    await everythingEnds();
    return this.report(performance.now() - began);
  }

  /** Where the compiled product lies. */
  get home(): string {
    return this.product.home;
  }

  journal(): Journal {
    return new Journal(readFileSync(this.journalPath, 'utf8'));
  }

  /** By the store, as a web process does it, and again until the number is known. */
  async submit(job: Job): Promise<AcceptedRun> {
    const submissionId = randomUUID();
    const over = { submissionId, timeLimitSeconds: timeLimitOf(job), engine: this.engine.engine };
    const runId = await insist(() => this.world.submit(pipelineOf(job), {}, over, parametersOf(job)));
    return this.accept(runId, job);
  }

  private accept(runId: number, job: Job): AcceptedRun {
    const one = { runId, job, cancelAsked: false };
    this.accepted.push(one);
    return one;
  }

  private get journalPath(): string {
    return join(this.journalFolder, 'lines');
  }

  private get journalFolder(): string {
    return join(this.world.database.folder, 'journal');
  }

  private get disk(): string {
    return join(this.world.database.folder, 'runs');
  }

  private environment(): Record<string, string> {
    const [name, value] = this.mark.split('=');
    return { [name]: value, TEST_BOOT_ID: `boot-${this.boots}`, ...this.clock?.environment };
  }

  private async submitAll(): Promise<void> {
    const random = new Random(this.plan.seed ^ 0x5eed);
    for (let index = 0; index < this.plan.jobs; index += 1) {
      const job = drawJob(random, index);
      const isThroughWeb = random.next() < this.plan.throughWeb;
      const one = this.web && isThroughWeb ? this.accept(await this.web.submit(job), job) : await this.submit(job);
      const wantsCancel = random.next() < 0.12;
      await sleep(random.between(0, (this.plan.troubleMs * 0.6) / this.plan.jobs));
      if (wantsCancel) await this.cancel(one);
    }
  }

  private async cancel(one: AcceptedRun): Promise<void> {
    one.cancelAsked = true;
    await insist(() => this.world.cancel(one.runId, 'Cancelled by the campaign'));
  }

  private async makeTrouble(submitting: Promise<void>): Promise<void> {
    const { troubleMs, everyPoint } = this.plan;
    const untilMs = performance.now() + (everyPoint ? POINTS_WITHIN : 1) * troubleMs;
    const troubles = this.troubles();
    const noteEnd = () => (this.over = true);
    submitting.then(noteEnd, noteEnd);
    const isEnough = () => this.over && !(everyPoint && this.seats.missingPoints.length > 0);
    for (let index = 0; performance.now() < untilMs && !isEnough(); index += 1) {
      this.seats.fill(this.seats.missingPoints);
      // Some points are met with work at hand only: without further runs those that chance left out would stay out.
      if (this.over) await this.submit(drawJob(this.random, this.plan.jobs + index));
      await sleep(this.random.between(50, 600));
      // Quiet after the last submission, so that the points that are still missing are met in time; but one of them needs somebody else's death.
      if (!this.over) await this.oneTrouble(troubles);
      else if (this.seats.missingPoints.includes('afterTakeOver')) await this.seats.anyone()?.process?.end('SIGKILL');
      this.seats.count();
    }
  }

  private troubles(): Trouble[] {
    const { server } = this;
    const powers = {
      killDatabase: server ? () => this.killDatabase() : null,
      reboot: () => this.reboot(),
      smallDisk: this.hasSmallDisk ? this.disk : null,
    };
    return [...commonTroubles(this, powers), ...this.engine.troubles(this)];
  }

  private async oneTrouble(troubles: readonly Trouble[]): Promise<void> {
    if (this.random.next() < 0.4) return;
    const { name, act } = pickTrouble(this, troubles);
    if (await insist(act)) this.done[name] = (this.done[name] ?? 0) + 1;
  }

  /** The database is on that machine, too. */
  private async reboot(): Promise<void> {
    await switchOff(this, this.engine);
    this.boots += 1;
    await this.engine.restore();
    if (this.server) await this.killDatabase();
    this.seats.count();
    await this.web?.restore();
  }

  private async killDatabase(): Promise<void> {
    if (!this.server) return;
    await this.server.stop('SIGKILL');
    await sleep(this.random.between(0, 800));
    this.server = await startMariadb({ keep: this.server.folder, environment: this.clock?.environment ?? {} });
  }

  private async restoreOrder(): Promise<void> {
    await this.engine.restore();
    await this.web?.restore();
    await this.seats.restore();
  }

  /** What the engine and the runners say when something does not end. */
  private async explain(): Promise<string> {
    const logs = this.seats.all.map(({ name, process }) => `${name}:\n${process?.output.slice(-LOG_TAIL) ?? 'no process'}`);
    return ['Something does not end.', await this.engine.explain(), ...logs, ''].join('\n');
  }

  private async runsThat(are: (run: Run) => boolean): Promise<number> {
    return (await insist(() => this.world.runs())).filter(are).length;
  }

  private async report(settledMs: number): Promise<CampaignReport> {
    const doubles = await this.seats.doublesLeft();
    const survivors = await this.survivors();
    const runs = await this.world.runs();
    const events = await this.world.dataSource.getRepository(RunEvent).find({ order: { id: 'ASC' } });
    const { accepted, destroyed } = this;
    const faults = findFaults({ accepted, runs, events, journal: this.journal(), destroyed, survivors });
    const { engine } = this.engine;
    return {
      engine,
      database: this.world.database.kind,
      seed: this.plan.seed,
      runs: accepted.length,
      faults: [...faults, ...doubles],
      troubles: this.done,
      points: this.seats.points,
      takeOvers: events.filter(({ fromState, toState }) => fromState === toState).length,
      states: Object.fromEntries([...Map.groupBy(runs, ({ state }) => state)].map(([state, some]) => [state, some.length])),
      neverStarted: runs.filter(({ state, startFailures }) => state === 'failed' && startFailures >= 5).length,
      destroyed: destroyed.size,
      unknown: runs.filter(({ state }) => state === 'unknown').map(({ id, note }) => `run ${id}: ${note} (${destroyed.get(id)})`),
      settledMs: Math.round(settledMs),
    };
  }

  /** What is left of the programs when all is over and the runners are gone. */
  private async survivors(): Promise<string[]> {
    await this.seats.close();
    await this.web?.close();
    const began = performance.now();
    for (;;) {
      const left = await this.engine.survivors(this, await this.world.runs());
      if (left.length === 0 || performance.now() - began > GONE_WITHIN_MS) return left;
      await sleep(100);
    }
  }
}

function isOpen({ state }: Run): boolean {
  return !isFinal(state) && state !== 'unknown';
}

/** Adds the report to the file of the long campaign, if there is one. */
export function keepReport(report: CampaignReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
  const path = process.env['CAMPAIGN_REPORT'];
  if (path) writeFileSync(path, `${JSON.stringify(report)}\n`, { flag: existsSync(path) ? 'a' : 'w' });
}
