import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { DatabaseMutex } from '../database/database-mutex';
import { chooseRuns, couldEverTake, type Candidate, type Capacity } from './choose-runs';
import { CAPACITY_COLUMNS, isTaking, reachOf, toCapacity, turnsOf, WITHIN_REACH } from './claim-terms';
import { Gatherer, type Outcome } from './gatherer';
import type { OwnerStep } from './owner-steps';
import { IS_OPEN, toGlance, words } from './queue-sql';
import type { BeatOutcome, Lease, NewRun, RunnerIdentity } from './queue-store';
import { HELD_STATES } from './run-state';
import { candidateColumns, RUN_COLUMNS, SHARE_COLUMNS, toCandidate, toRun, toShare, type Row } from './run-row';
import { NO_LIMITS, type Limits } from './run-limits';
import type { RunnerHealth } from './runner-health';
import type { Run } from './run.entity';
import { asDetail, beatValues, enqueueValues, runnerValues, SqlQueueStore, tooManyWait, type Values } from './sql-queue-store';

/** A busy database blocks the event loop for this long at most; the rest of the waiting happens in JavaScript. */
const BUSY_MS = 200;
const CACHE_KIB = 32_768;
/** Of the log that are written before they are brought into the table: below 4,096, from where on looking into the log takes two steps. */
const CHECKPOINT_PAGES = 3000;
const BUSY_PATIENCE_MS = 15_000;
const LONGEST_PAUSE_MS = 100;

const HEAD = 'queue INDEXED BY idx_queue_head';
const CANDIDATE = candidateColumns('sqlite');

/** Statements of this store alone; exported for the test of their plans. */
export const SQLITE_CLAIM = {
  shares: `SELECT ${SHARE_COLUMNS} FROM ${HEAD} WHERE state IN (${words(HELD_STATES)})`,
  // From line to line instead of through the queue: the cost is that of the owners and pipelines which wait, not of their runs. Three
  // questions for the next line, because SQLite begins at what equals the three values of (rank, owner, pipeline) > (…), and so would
  // read the whole line. All in one statement, because a call from JavaScript costs more than what it finds.
  heads: `
    WITH RECURSIVE head (id, \`rank\`, owner_id, pipeline_id) AS (
      SELECT * FROM (
        SELECT id, \`rank\`, owner_id, pipeline_id FROM ${HEAD} WHERE state = 'queued'
        ORDER BY \`rank\`, owner_id, pipeline_id, id LIMIT 1)
      UNION ALL
      SELECT n.id, n.\`rank\`, n.owner_id, n.pipeline_id FROM head h JOIN queue n ON n.id = COALESCE(
        (SELECT id FROM ${HEAD} WHERE state = 'queued' AND \`rank\` = h.\`rank\` AND owner_id = h.owner_id AND pipeline_id > h.pipeline_id
          ORDER BY pipeline_id, id LIMIT 1),
        (SELECT id FROM ${HEAD} WHERE state = 'queued' AND \`rank\` = h.\`rank\` AND owner_id > h.owner_id
          ORDER BY owner_id, pipeline_id, id LIMIT 1),
        (SELECT id FROM ${HEAD} WHERE state = 'queued' AND \`rank\` > h.\`rank\`
          ORDER BY \`rank\`, owner_id, pipeline_id, id LIMIT 1))
    )
    SELECT ${candidateColumns('sqlite', 'q.')}, t.turn
    FROM head JOIN queue q ON q.id = head.id LEFT JOIN turns t ON t.owner_id = q.owner_id`,
  nextOfGroup: `
    SELECT ${CANDIDATE} FROM ${HEAD}
    WHERE state = 'queued' AND \`rank\` = :rank AND owner_id = :ownerId AND pipeline_id = :pipelineId AND id > :head AND ${WITHIN_REACH}
    ORDER BY id LIMIT 1`,
  guests: "SELECT id FROM users WHERE kind = 'guest' AND id IN (SELECT value FROM json_each(:ownerIds))",
  peers: `SELECT ${CAPACITY_COLUMNS} FROM runners WHERE ${isTaking('sqlite')}`,
  passGate: 'UPDATE gate SET v = v + 1 WHERE id = 1 RETURNING v',
  setTurn: 'INSERT INTO turns (owner_id, turn) VALUES (:ownerId, :turn) ON CONFLICT (owner_id) DO UPDATE SET turn = excluded.turn',
  isRegistered: `SELECT 1 FROM runners WHERE name = :name AND incarnation = :incarnation AND stopped = 0 AND mode = 'active'
    AND ${IS_OPEN}`,
  claim: `
    UPDATE queue AS q SET state = 'starting', fence = fence + 1, attempt = attempt + 1, runner_name = :name, gpu_ids = :gpuIds
    WHERE id = :id AND state = 'queued' RETURNING ${RUN_COLUMNS.replaceAll('q.', '')}`,
  upsert: `
    ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation, host = excluded.host, boot_id = excluded.boot_id,
      slots = excluded.slots, remote_slots = excluded.remote_slots, cpu = excluded.cpu, memory = excluded.memory,
      gpu_ids = excluded.gpu_ids, engines = excluded.engines, poke_address = excluded.poke_address,
      mode = CASE WHEN mode = 'draining' AND stopped = 1 THEN 'paused' ELSE mode END, trouble = NULL, beat_ms = excluded.beat_ms, started_ms = excluded.started_ms,
      stopped = 0`,
};

/**
 * The queue in an embedded database file, for processes of one host. It has a handle of its own, because TypeORM's one connection may
 * be in the middle of somebody's transaction; each step is synchronous, so that nothing can come between its statements.
 */
export class SqliteQueueStore extends SqlQueueStore {
  private handle: Database.Database | undefined;
  private readonly statements = new Map<string, Database.Statement>();
  private readonly gatherer = new Gatherer<() => unknown, unknown>((pieces) => this.commitTogether(pieces));

  /** @param path of the database file, which is opened at the first step. */
  constructor(
    private readonly path: string,
    private readonly mutex: DatabaseMutex,
  ) {
    super('sqlite');
  }

  enqueue(run: NewRun, mostWaiting: number | null = null): Promise<{ runId: number; created: boolean }> {
    const values = enqueueValues(run);
    return this.together(() => {
      const known = this.all(this.sql.findSubmission, { submissionId: run.submissionId })[0];
      if (known) return { runId: Number(known['id']), created: false };
      const waiting = () => Number(this.all(this.sql.waitingOf, { ownerId: run.ownerId })[0]?.['count']);
      if (mostWaiting !== null && waiting() >= mostWaiting) throw tooManyWait(mostWaiting);
      const runId = Number(this.prepare(this.sql.enqueue).run(values).lastInsertRowid);
      this.prepare(this.sql.enqueueDetails).run({ ...values, runId });
      if (run.afterRun !== undefined) this.prepare(this.links.link).run({ ...values, runId });
      return { runId, created: true };
    });
  }

  startLink(runId: number, parameters: Record<string, unknown>): Promise<boolean> {
    const values = { runId, parameters: asDetail(parameters) };
    return this.transaction(() => {
      if (this.prepare(this.links.start).run(values).changes === 0) return false;
      this.prepare(this.links.parameters).run(values);
      this.prepare(this.links.close).run(values);
      return true;
    });
  }

  claim(runner: Capacity & Pick<RunnerIdentity, 'incarnation'>, most: number, limits = NO_LIMITS): Promise<Run[]> {
    const { name, incarnation } = runner;
    return this.transaction(() => {
      if (this.all(SQLITE_CLAIM.isRegistered, { name, incarnation }).length === 0) return [];
      const shares = this.all(SQLITE_CLAIM.shares).map(toShare);
      const candidates = this.candidates(runner);
      const peers = () => this.all(SQLITE_CLAIM.peers).map(toCapacity);
      const next = (last: Candidate) => this.behind(last, runner);
      const chosen = chooseRuns(candidates, shares, runner, most, this.withGuests(limits, candidates), { peers, next });
      if (chosen.length === 0) return [];
      const gate = Number(this.all(SQLITE_CLAIM.passGate)[0]?.['v']);
      for (const [ownerId, turn] of turnsOf(chosen, gate)) this.prepare(SQLITE_CLAIM.setTurn).run({ ownerId, turn });
      return chosen.flatMap(({ candidate: { id }, gpuIds }) =>
        this.all(SQLITE_CLAIM.claim, { id, name, gpuIds: gpuIds.join(',') || null }).map(toRun),
      );
    });
  }

  takeOver({ runId, fence }: Lease, runner: Pick<RunnerIdentity, 'name' | 'incarnation'>, staleSeconds: number): Promise<Run | null> {
    const values = { runId, fence, runner: runner.name, incarnation: runner.incarnation, staleSeconds };
    return this.transaction(() => {
      if (this.prepare(this.sql.takeOver).run(values).changes === 0) return null;
      return this.all(this.sql.runOfTakeOver, values).map(toRun)[0] ?? null;
    });
  }

  async registerRunner(runner: RunnerIdentity): Promise<void> {
    await this.write(`${this.sql.register} ${SQLITE_CLAIM.upsert}`, runnerValues(runner));
  }

  async beat(
    runner: Pick<RunnerIdentity, 'name' | 'incarnation'>,
    trouble: string | null = null,
    health: RunnerHealth | null = null,
  ): Promise<BeatOutcome> {
    const [row] = await this.read(this.sql.beat, beatValues(runner, trouble, health));
    return row ? toGlance(Number(row['bits'])) : 'replaced';
  }

  close(): Promise<void> {
    return this.mutex.run(() => {
      this.statements.clear();
      this.handle?.close();
      this.handle = undefined;
    });
  }

  protected carryOut({ update, taken }: OwnerStep, values: Values): Promise<boolean> {
    return this.together(() => this.prepare(update).run(values).changes > 0 || this.all(taken, values).length > 0);
  }

  protected write(statement: string, values: Values): Promise<number> {
    return this.step(() => this.prepare(statement).run(values).changes);
  }

  protected read(statement: string, values: Values): Promise<Row[]> {
    return this.step(() => this.all(statement, values));
  }

  /** Of each line the oldest run that the runner could take. */
  private candidates(runner: Capacity): Candidate[] {
    const heads = this.all(SQLITE_CLAIM.heads).map(toCandidate);
    return heads.flatMap((head) => (couldEverTake(runner, head) ? head : (this.behind(head, runner) ?? [])));
  }

  /** The next run of the same line that the runner could take. */
  private behind({ id, rank, ownerId, pipelineId, turn = 0 }: Candidate, runner: Capacity): Candidate | undefined {
    const [row] = this.all(SQLITE_CLAIM.nextOfGroup, { ...reachOf(runner), rank, ownerId, pipelineId, head: id });
    return row && { ...toCandidate(row), turn };
  }

  /** The limits with who is a guest among those whose runs wait, where that makes a difference. */
  private withGuests(limits: Limits, candidates: readonly Candidate[]): Limits {
    if (limits.ofGuests === undefined) return limits;
    const unknown = this.guests.unknownAmong(candidates);
    if (unknown.length > 0) {
      const rows = this.all(SQLITE_CLAIM.guests, { ownerIds: JSON.stringify(unknown) });
      this.guests.learn(
        unknown,
        rows.map((row) => String(row['id'])),
      );
    }
    return { ...limits, guests: this.guests };
  }

  /** One commit for all that is asked for in one turn; each piece of work is done whole or not at all. */
  private together<Result>(work: () => Result): Promise<Result> {
    return this.gatherer.ask(work) as Promise<Result>;
  }

  private commitTogether(pieces: (() => unknown)[]): Promise<Outcome<unknown>[]> {
    const [only] = pieces;
    if (pieces.length === 1 && only) return this.transaction(() => [{ answer: only() }]);
    return this.transaction(() => pieces.map((work) => this.attempt(work)));
  }

  /** Within the transaction of all: what this piece has done is undone if it fails. */
  private attempt(work: () => unknown): Outcome<unknown> {
    try {
      return { answer: this.open().transaction(work)() };
    } catch (error) {
      // A full disk and the like end the whole transaction.
      if (!this.open().inTransaction) throw error;
      return { error };
    }
  }

  /** All or nothing, with the right to write from the beginning: a right that is asked for later is refused at once under load. */
  private transaction<Result>(work: () => Result): Promise<Result> {
    return this.step(() => this.open().transaction(work).immediate());
  }

  private step<Result>(work: () => Result): Promise<Result> {
    return this.mutex.run(() => repeatWhileBusy(work));
  }

  private all(statement: string, values: Values = {}): Row[] {
    return this.prepare(statement).all(values) as Row[];
  }

  private prepare(statement: string): Database.Statement {
    const known = this.statements.get(statement);
    if (known) return known;
    const prepared = this.open().prepare(statement);
    this.statements.set(statement, prepared);
    return prepared;
  }

  private open(): Database.Database {
    if (this.handle) return this.handle;
    const handle = new Database(this.path, { timeout: BUSY_MS, fileMustExist: true });
    handle.pragma('journal_mode = WAL');
    // Without it a claim or an acknowledged run can vanish when the power fails.
    handle.pragma('synchronous = FULL');
    // With the default of 2 MB every claim reads its way through a long history anew.
    handle.pragma(`cache_size = -${CACHE_KIB}`);
    // Bringing the log back costs as many pages of the table as a long history spreads the changes over: three times as seldom as by default.
    handle.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    this.handle = handle;
    return handle;
  }
}

async function repeatWhileBusy<Result>(work: () => Result): Promise<Result> {
  const deadline = performance.now() + BUSY_PATIENCE_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await sleep(1 + Math.random() * LONGEST_PAUSE_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code);
}
