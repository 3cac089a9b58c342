import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'mysql2';
import type { DataSource } from 'typeorm';
import { LOCK_OWNER } from '../database/owner-transactions';
import { chooseRuns, type Candidate, type Capacity, type Choice } from './choose-runs';
import { CAPACITY_COLUMNS, isTaking, toCapacity, turnsOf } from './claim-terms';
import {
  claimAndReadStatement,
  firstTurnsStatement,
  followersQueries,
  guestsQueries,
  OVERVIEW,
  toFollowers,
  toOverview,
  type Overview,
} from './mariadb-claim';
import { UnavailableError } from '../errors';
import { Gatherer, type Outcome } from './gatherer';
import { isDuplicate, withRetries } from './mariadb-retries';
import { positional } from './named-values';
import type { OwnerStep } from './owner-steps';
import { queueSql, toGlance } from './queue-sql';
import type { BeatOutcome, Lease, NewRun, RunnerIdentity } from './queue-store';
import { toRun, type Row } from './run-row';
import { NO_LIMITS, type Limits } from './run-limits';
import { linkSql } from './link-sql';
import type { RunnerHealth } from './runner-health';
import type { Run } from './run.entity';
import { asDetail, beatValues, enqueueValues, runnerValues, SqlQueueStore, tooManyWait, type Values } from './sql-queue-store';

/** How often a claim decides anew because another runner passed the gate first; after that the next look at the queue tries again. */
const MOST_DECISIONS = 20;
const PAUSE_MS = 4;

const PEERS = `SELECT ${CAPACITY_COLUMNS} FROM runners WHERE ${isTaking('mariadb')}`;

const UPSERT = `
  ON DUPLICATE KEY UPDATE incarnation = VALUES(incarnation), host = VALUES(host), boot_id = VALUES(boot_id), slots = VALUES(slots),
    remote_slots = VALUES(remote_slots), cpu = VALUES(cpu), memory = VALUES(memory), gpu_ids = VALUES(gpu_ids),
    engines = VALUES(engines), mode = CASE WHEN mode = 'draining' AND stopped = 1 THEN 'paused' ELSE mode END,
    poke_address = VALUES(poke_address), trouble = NULL, beat_ms = VALUES(beat_ms), started_ms = VALUES(started_ms), stopped = 0`;

type Runner = Pick<RunnerIdentity, 'name' | 'incarnation'>;

const { enqueue, enqueueDetails, waitingOf } = queueSql('mariadb');
const { link, start, parameters: newParameters, close } = linkSql('mariadb');
const INSERT_RUN = `
      ${enqueue};
      SET @run = LAST_INSERT_ID();
      ${enqueueDetails.replace(':runId', '@run')};
      IF :afterRun IS NOT NULL THEN
        ${link.replace(':runId', '@run')};
      END IF;`;
/** All rows or none, in one round trip. */
const ENQUEUE = inOneStep(INSERT_RUN);
/** As long as nobody else asks for a run in the name of the same person, what was counted is true. Without a number, too many wait. */
const ENQUEUE_WITHIN = inOneStep(`
    ${LOCK_OWNER};
    SET @waiting = (${waitingOf});
    IF @waiting < :mostWaiting THEN
      ${INSERT_RUN}
    END IF;`);
/** The run first: its row is the lock. Without a number, it waits no longer. */
const START_LINK = inOneStep(`
    ${start};
    IF ROW_COUNT() > 0 THEN
      SET @run = :runId;
      ${newParameters}; ${close};
    END IF;`);

/**
 * The queue in MariaDB, for runners on any number of hosts; through TypeORM's pool, whose connections read committed rows (see
 * `data-source.ts`). No lock is held across a round trip: a process that is frozen in the middle of a step stops nobody.
 */
export class MariadbQueueStore extends SqlQueueStore {
  private readonly gatherers = new Map<OwnerStep, Gatherer<Values, boolean>>();

  constructor(private readonly dataSource: DataSource) {
    super('mariadb');
  }

  enqueue(run: NewRun, mostWaiting: number | null = null): Promise<{ runId: number; created: boolean }> {
    const [statement, values] =
      mostWaiting === null ? [ENQUEUE, enqueueValues(run)] : [ENQUEUE_WITHIN, { ...enqueueValues(run), mostWaiting }];
    return withRetries(async ({ uncertain }) => {
      const made = await this.insertRun(statement, values);
      if ('runId' in made) return { ...made, created: true };
      const [known] = await this.ask(this.sql.findSubmission, { submissionId: run.submissionId });
      if (!known) throw made.refusal;
      return { runId: Number(known['id']), created: uncertain };
    });
  }

  /** @returns the refusal where the submission has a row already, or too many wait. */
  private async insertRun(statement: string, values: Values): Promise<{ runId: number } | { refusal: unknown }> {
    try {
      const [[{ id }]] = await this.send<[[{ id: string | null }], unknown]>(statement, values);
      return id === null ? { refusal: tooManyWait(Number(values['mostWaiting'])) } : { runId: Number(id) };
    } catch (refusal) {
      if (!isDuplicate(refusal)) throw refusal;
      return { refusal };
    }
  }

  startLink(runId: number, parameters: Record<string, unknown>): Promise<boolean> {
    return withRetries(async () => {
      const values = { runId, parameters: asDetail(parameters) };
      const [[{ id }]] = await this.send<[[{ id: string | null }], unknown]>(START_LINK, values);
      return id !== null;
    });
  }

  async claim(runner: Capacity & Runner, most: number, limits = NO_LIMITS): Promise<Run[]> {
    for (let count = 1; count <= MOST_DECISIONS; count += 1) {
      const overview = toOverview(await this.read(OVERVIEW, {}));
      if (overview.gate === null) return [];
      const followers = await this.followers(overview, runner, most);
      const candidates = [...overview.heads, ...followers];
      const known = await this.withGuests(limits, candidates);
      const choose = (peers: () => readonly Capacity[]) => chooseRuns(candidates, overview.held, runner, most, known, { peers });
      let areAsked = false;
      let chosen = choose(() => {
        areAsked = true;
        return [];
      });
      if (areAsked) {
        const peers = (await this.read(PEERS, {})).map(toCapacity);
        chosen = choose(() => peers);
      }
      if (chosen.length === 0) return [];
      await this.giveFirstTurns(chosen, overview);
      const claimed = await this.claimChosen(runner, chosen, overview.gate);
      if (claimed !== 'gate moved') return claimed;
      await sleep(Math.random() * PAUSE_MS);
    }
    return [];
  }

  takeOver({ runId, fence }: Lease, runner: Runner, staleSeconds: number): Promise<Run | null> {
    const values = { runId, fence, runner: runner.name, incarnation: runner.incarnation, staleSeconds };
    return withRetries(async ({ uncertain }) => {
      // Without a lost connection a row that is no longer ours to take belongs to whoever was quicker, even if it has our name.
      if ((await this.change(this.sql.takeOver, values)) === 0 && !uncertain) return null;
      return (await this.ask(this.sql.runOfTakeOver, values)).map(toRun)[0] ?? null;
    });
  }

  async registerRunner(runner: RunnerIdentity): Promise<void> {
    await this.write(`${this.sql.register} ${UPSERT}`, runnerValues(runner));
  }

  async beat(runner: Runner, trouble: string | null = null, health: RunnerHealth | null = null): Promise<BeatOutcome> {
    const values = beatValues(runner, trouble, health);
    const result = await withRetries(() => this.send<{ affectedRows: number; insertId: number }>(this.sql.beat, values));
    return result.affectedRows === 0 ? 'replaced' : toGlance(result.insertId);
  }

  /** The pool belongs to TypeORM. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  protected carryOut(step: OwnerStep, values: Values): Promise<boolean> {
    let gatherer = this.gatherers.get(step);
    if (!gatherer) {
      gatherer = new Gatherer((calls) => this.carryOutAll(step, calls));
      this.gatherers.set(step, gatherer);
    }
    return gatherer.ask(values);
  }

  protected write(statement: string, values: Values): Promise<number> {
    return withRetries(() => this.change(statement, values));
  }

  protected read(statement: string, values: Values): Promise<Row[]> {
    return withRetries(() => this.ask(statement, values));
  }

  /**
   * One statement for all. Only if it found fewer rows than there are calls is each of them looked at by itself. Of several calls for one
   * run (an old fence and a new one) each goes alone, so that none can lend its values to another's fence.
   */
  private async carryOutAll(step: OwnerStep, calls: Values[]): Promise<Outcome<boolean>[]> {
    const runs = new Set(calls.map((call) => call['runId']));
    if (calls.length === 1 || runs.size < calls.length) return this.carryOutEach(step, calls);
    // Locked in one order, whoever else does the same.
    const sorted = [...calls].sort((one, other) => Number(one['runId']) - Number(other['runId']));
    const all = Object.assign({}, ...sorted.map((call, index) => numbered(call, index))) as Values;
    try {
      const found = await this.write(step.updateAll(calls.length), all);
      if (found === calls.length) return calls.map(() => ({ answer: true }));
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      return this.carryOutEach(step, calls);
    }
    return Promise.all(calls.map(async (call) => ({ answer: await this.wasTaken(step, call) })));
  }

  private async carryOutEach(step: OwnerStep, calls: Values[]): Promise<Outcome<boolean>[]> {
    const outcomes: Outcome<boolean>[] = [];
    for (const call of calls) outcomes.push(await this.carryOutAlone(step, call));
    return outcomes;
  }

  /** One run that the database refuses must not decide about the others. */
  private async carryOutAlone(step: OwnerStep, values: Values): Promise<Outcome<boolean>> {
    try {
      return { answer: (await this.write(step.update, values)) > 0 || (await this.wasTaken(step, values)) };
    } catch (error) {
      return { error };
    }
  }

  private async wasTaken({ taken }: OwnerStep, values: Values): Promise<boolean> {
    return (await this.read(taken, values)).length > 0;
  }

  private async followers(overview: Overview, runner: Capacity, places: number): Promise<Candidate[]> {
    const rows: Row[] = [];
    for (const { statement, values } of followersQueries(overview, runner, places)) rows.push(...(await this.read(statement, values)));
    return toFollowers(rows, overview);
  }

  /** The limits with who is a guest among those whose runs wait, where that makes a difference. */
  private async withGuests(limits: Limits, candidates: readonly Candidate[]): Promise<Limits> {
    if (limits.ofGuests === undefined) return limits;
    const unknown = this.guests.unknownAmong(candidates);
    const found: Row[] = [];
    for (const { statement, values } of guestsQueries(unknown)) found.push(...(await this.read(statement, values)));
    this.guests.learn(
      unknown,
      found.map((row) => String(row['id'])),
    );
    return { ...limits, guests: this.guests };
  }

  /** A claim writes turns down, which needs rows to write into. */
  private async giveFirstTurns(chosen: readonly Choice<Candidate>[], { heads }: Overview): Promise<void> {
    const known = new Set(heads.filter((head) => head.hasTurn).map((head) => head.ownerId));
    const owners = new Set(chosen.map(({ candidate }) => candidate.ownerId).filter((ownerId) => !known.has(ownerId)));
    if (owners.size === 0) return;
    const { statement, values } = firstTurnsStatement([...owners]);
    await this.write(statement, values);
  }

  private claimChosen(runner: Runner, choices: readonly Choice<Candidate>[], gate: number): Promise<Run[] | 'gate moved'> {
    const { name, incarnation } = runner;
    const claim = claimAndReadStatement(choices, turnsOf(choices, gate + 1));
    const order = choices.map(({ candidate }) => candidate.id);
    return withRetries(async ({ uncertain }) => {
      const values = { ...claim.values, name, incarnation, gate };
      const [rows, { affectedRows }] = await this.send<[Row[], { affectedRows: number }]>(claim.statement, values);
      // What is there without this claim is another's, unless the answer of an earlier try was lost.
      if (rows.length === 0 || (affectedRows === 0 && !uncertain)) return (await this.mayClaim(name, incarnation)) ? 'gate moved' : [];
      return rows.map(toRun).sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
    });
  }

  private async mayClaim(name: string, incarnation: string): Promise<boolean> {
    const statement = "SELECT 1 FROM runners WHERE name = :name AND incarnation = :incarnation AND stopped = 0 AND mode = 'active'";
    return (await this.ask(statement, { name, incarnation })).length > 0;
  }

  /** @returns affectedRows, which mysql2 asks the server to count as rows found, not as rows changed. */
  private async change(statement: string, values: Values): Promise<number> {
    return (await this.send<{ affectedRows: number }>(statement, values)).affectedRows;
  }

  private ask(statement: string, values: Values): Promise<Row[]> {
    return this.send<Row[]>(statement, values);
  }

  /** By TypeORM's pool without TypeORM: half of what a short statement costs this process is spent there. */
  private send<Result>(statement: string, values: Values): Promise<Result> {
    const { pool } = this.dataSource.driver as unknown as { pool: Pool | undefined };
    if (!pool) return Promise.reject(new Error('The database connection is not open'));
    return new Promise((resolve, reject) => {
      pool.query(...positional(statement, values), (error, result) => (error ? reject(error) : resolve(result as Result)));
    });
  }
}

/** The values of one of several calls, as `updateAll` names them. */
function numbered(call: Values, index: number): Values {
  return Object.fromEntries(Object.entries(call).map(([name, value]) => [`${name}${index}`, value]));
}

/** A transaction that tells the number of the run that it made; null for none. */
function inOneStep(statements: string): string {
  return `
  BEGIN NOT ATOMIC
    DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
    SET @run = NULL;
    START TRANSACTION;
    ${statements}
    COMMIT;
    SELECT @run AS id;
  END`;
}
