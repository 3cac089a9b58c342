import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { chooseRuns, needsPeers, NO_LIMITS, type Candidate, type Capacity, type Choice } from './choose-runs';
import { CAPACITY_COLUMNS, isTaking, toCapacity, turnsOf } from './claim-terms';
import {
  claimedQuery,
  claimStatement,
  firstTurnsStatement,
  followersQuery,
  OVERVIEW,
  toFollowers,
  toOverview,
  type Overview,
} from './mariadb-claim';
import { isDuplicate, withRetries } from './mariadb-retries';
import { positional } from './named-values';
import { toGlance } from './queue-sql';
import type { BeatOutcome, Lease, NewRun, RunnerIdentity } from './queue-store';
import { toRun, type Row } from './run-row';
import type { Run } from './run.entity';
import { beatValues, enqueueValues, runnerValues, SqlQueueStore, type Values } from './sql-queue-store';

/** How often a claim decides anew because another runner passed the gate first; after that the next look at the queue tries again. */
const MOST_DECISIONS = 20;
const PAUSE_MS = 4;

const PEERS = `SELECT ${CAPACITY_COLUMNS} FROM runners WHERE ${isTaking('mariadb')}`;

const UPSERT = `
  ON DUPLICATE KEY UPDATE incarnation = VALUES(incarnation), host = VALUES(host), boot_id = VALUES(boot_id), slots = VALUES(slots),
    remote_slots = VALUES(remote_slots), cpu = VALUES(cpu), memory = VALUES(memory), gpu_ids = VALUES(gpu_ids),
    engines = VALUES(engines), mode = CASE WHEN mode = 'draining' THEN 'active' ELSE mode END,
    poke_address = VALUES(poke_address), trouble = NULL, beat_ms = VALUES(beat_ms), started_ms = VALUES(started_ms), stopped = 0`;

type Runner = Pick<RunnerIdentity, 'name' | 'incarnation'>;

/**
 * The queue in MariaDB, for runners on any number of hosts; through TypeORM's pool, whose connections read committed rows (see
 * `data-source.ts`). No lock is held across a round trip but that of `enqueue` on its own new rows: a process that is frozen in the
 * middle of a step stops nobody.
 */
export class MariadbQueueStore extends SqlQueueStore {
  constructor(private readonly dataSource: DataSource) {
    super('mariadb');
  }

  enqueue(run: NewRun): Promise<{ runId: number; created: boolean }> {
    const values = enqueueValues(run);
    return withRetries(async ({ uncertain }) => {
      try {
        return { runId: await this.dataSource.transaction((manager) => this.insert(manager, values)), created: true };
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        const [known] = await this.ask(this.sql.findSubmission, { submissionId: run.submissionId });
        if (!known) throw error;
        return { runId: Number(known['id']), created: uncertain };
      }
    });
  }

  async claim(runner: Capacity & Runner, most: number, limits = NO_LIMITS): Promise<Run[]> {
    for (let count = 1; count <= MOST_DECISIONS; count += 1) {
      const overview = toOverview(await this.read(OVERVIEW, {}));
      const followers = await this.followers(overview, runner, most);
      const candidates = [...overview.heads, ...followers];
      const peers = needsPeers(candidates, overview.held, runner) ? (await this.read(PEERS, {})).map(toCapacity) : [];
      const chosen = chooseRuns<Candidate>(candidates, overview.held, runner, most, limits, peers);
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

  async beat(runner: Runner, trouble: string | null = null): Promise<BeatOutcome> {
    const values = positional(this.sql.beat, beatValues(runner, trouble));
    const result = await withRetries(() => this.dataSource.query<{ affectedRows: number; insertId: number }>(...values));
    return result.affectedRows === 0 ? 'replaced' : toGlance(result.insertId);
  }

  /** The pool belongs to TypeORM. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  protected write(statement: string, values: Values): Promise<number> {
    return withRetries(() => this.change(statement, values));
  }

  protected read(statement: string, values: Values): Promise<Row[]> {
    return withRetries(() => this.ask(statement, values));
  }

  private async insert(manager: EntityManager, values: Values): Promise<number> {
    const added = await manager.query<{ insertId: number }>(...positional(this.sql.enqueue, values));
    const runId = added.insertId;
    await manager.query(...positional(this.sql.enqueueDetails, { ...values, runId }));
    return runId;
  }

  private async followers(overview: Overview, runner: Capacity, places: number): Promise<Candidate[]> {
    const query = followersQuery(overview, runner, places);
    return query ? toFollowers(await this.read(query.statement, query.values), overview) : [];
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
    const claim = claimStatement(choices, turnsOf(choices, gate + 1));
    const chosen = choices.map(({ candidate }) => candidate);
    return withRetries(async ({ uncertain }) => {
      if ((await this.change(claim.statement, { ...claim.values, name, incarnation, gate })) === 0 && !uncertain) {
        return (await this.mayClaim(name, incarnation)) ? 'gate moved' : [];
      }
      const { statement, values } = claimedQuery(chosen);
      const rows = await this.ask(statement, { ...values, name, incarnation });
      const order = chosen.map(({ id }) => id);
      return rows.map(toRun).sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
    });
  }

  private async mayClaim(name: string, incarnation: string): Promise<boolean> {
    const statement = "SELECT 1 FROM runners WHERE name = :name AND incarnation = :incarnation AND stopped = 0 AND mode = 'active'";
    return (await this.ask(statement, { name, incarnation })).length > 0;
  }

  /** @returns affectedRows, which mysql2 asks the server to count as rows found, not as rows changed. */
  private async change(statement: string, values: Values): Promise<number> {
    const result = await this.dataSource.query<{ affectedRows: number }>(...positional(statement, values));
    return result.affectedRows;
  }

  private ask(statement: string, values: Values): Promise<Row[]> {
    return this.dataSource.query<Row[]>(...positional(statement, values));
  }
}
