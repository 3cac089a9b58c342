import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { openQueueStore } from '../../../src/common/queue/queue.module';
import type { Ending, Lease, NewRun, QueueStore, RunnerIdentity } from '../../../src/common/queue/queue-store';
import { isAllowedMove, isFinal, isHeld, type RunState } from '../../../src/common/queue/run-state';
import { Run, RunEvent } from '../../../src/common/queue/run.entity';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aCapacity, aNewRun } from '../../factories';
import { HANDLE, STALE_SECONDS } from './queue-constants';

export function aRunner(name: string, over: Partial<RunnerIdentity> = {}): RunnerIdentity {
  return { ...aCapacity(), name, incarnation: randomUUID(), host: 'lab1', bootId: 'boot-1', pokeAddress: null, ...over };
}

export function anEnding(state: Ending['state'], over: Partial<Ending> = {}): Ending {
  return { state, exitCode: state === 'succeeded' ? 0 : 1, note: null, ...over };
}

/** A migrated database with a store and a registered runner, and ways to bring a run into each state. */
export class QueueStage {
  readonly stores: QueueStore[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly dataSource: DataSource,
    readonly store: QueueStore,
    readonly runner: RunnerIdentity,
  ) {
    this.stores.push(store);
  }

  static async open(): Promise<QueueStage> {
    const database = await openTestDatabase();
    const dataSource = await database.connect();
    const store = openQueueStore(database.config, dataSource, new DatabaseMutex());
    const runner = aRunner('first');
    await store.registerRunner(runner);
    return new QueueStage(database, dataSource, store, runner);
  }

  get isSqlite(): boolean {
    return this.database.kind === 'sqlite';
  }

  /** A store such as another process would have: its own connection, its own mutex. */
  async anotherStore(): Promise<QueueStore> {
    const store = openQueueStore(this.database.config, await this.database.connect(), new DatabaseMutex());
    this.stores.push(store);
    return store;
  }

  async anotherRunner(name: string, over: Partial<RunnerIdentity> = {}): Promise<RunnerIdentity> {
    const runner = aRunner(name, over);
    await this.store.registerRunner(runner);
    return runner;
  }

  async close(): Promise<void> {
    for (const store of this.stores) await store.close();
    await this.database.close();
  }

  sql<Result = unknown>(statement: string, values: unknown[] = []): Promise<Result> {
    return this.dataSource.query<Result>(statement, values);
  }

  run(id: number): Promise<Run> {
    return this.dataSource.getRepository(Run).findOneByOrFail({ id });
  }

  events(runId: number): Promise<RunEvent[]> {
    return this.dataSource.getRepository(RunEvent).find({ where: { runId }, order: { id: 'ASC' } });
  }

  /** Lets an hour of the database's time pass since a runner's last sign of life. */
  async silence(name: string): Promise<void> {
    await this.sql('UPDATE runners SET beat_ms = beat_ms - 3600000 WHERE name = ?', [name]);
  }

  async enqueue(over: Partial<NewRun> = {}): Promise<number> {
    return (await this.store.enqueue(aNewRun(over))).runId;
  }

  /** A run in `state` that the stage's runner holds, under a fence with which no step was taken yet (where a fence can grow). */
  async bring(state: RunState, over: Partial<NewRun> = {}): Promise<Lease> {
    if (state === 'scheduled')
      return { runId: await this.enqueue({ ...over, availableMs: (await this.store.nowMs()) + 3_600_000 }), fence: 0 };
    const runId = await this.enqueue(over);
    if (state === 'queued') return { runId, fence: 0 };
    await this.holdBack(runId);
    let lease = await this.claimOne(runId);
    if (state !== 'starting') {
      await this.store.authorise(lease, HANDLE);
      if (state === 'stopping') await this.store.stop(lease, 'cancel', 'Cancelled by a test.');
      if (state === 'unknown') await this.store.doubt(lease, 'The host does not answer.');
    }
    lease = await this.renew(lease);
    if (isFinal(state)) await this.store.finish(lease, anEnding(state));
    return lease;
  }

  /** Takes the run over from oneself: the same state under a new fence. */
  async renew(lease: Lease): Promise<Lease> {
    const run = await this.store.takeOver(lease, this.runner, STALE_SECONDS);
    if (!run) throw new Error(`run ${lease.runId} could not be taken over`);
    return { runId: run.id, fence: run.fence };
  }

  /** Every event of every run is an allowed move that begins where the one before ended; the last tells the state of the row. */
  async expectLawfulHistory(): Promise<void> {
    const runs = await this.dataSource.getRepository(Run).find();
    const events = await this.dataSource.getRepository(RunEvent).find({ order: { id: 'ASC' } });
    const faults: string[] = [];
    const last = new Map<number, RunEvent>();
    for (const event of events) {
      const before = last.get(event.runId);
      const where = `run ${event.runId}, event ${event.id}: ${event.fromState} → ${event.toState}, fence ${event.fence}`;
      if (event.fromState !== (before?.toState ?? null)) faults.push(`${where} does not follow ${before?.toState}`);
      if (event.fromState !== null && !isAllowedMove(event.fromState, event.toState)) faults.push(`${where} is not allowed`);
      if (before && event.fence < before.fence) faults.push(`${where} has an older fence than the one before`);
      if (event.fromState === event.toState && event.fence === before?.fence) faults.push(`${where} is told twice`);
      last.set(event.runId, event);
    }
    for (const run of runs) {
      if (last.get(run.id)?.toState !== run.state)
        faults.push(`run ${run.id} is ${run.state}, its last event ${last.get(run.id)?.toState}`);
      if (isFinal(run.state) !== (run.finishedMs !== null)) faults.push(`run ${run.id} is ${run.state} with end ${run.finishedMs}`);
      if (isHeld(run.state) && run.state !== 'unknown' && run.runnerName === null)
        faults.push(`run ${run.id} is ${run.state} and nobody's`);
      if (run.starts > run.maxStarts || run.starts < 0) faults.push(`run ${run.id} has ${run.starts} starts of ${run.maxStarts}`);
    }
    expect(faults).toEqual([]);
  }

  /** Ranks the run first, so that the next claim takes it and no other. */
  private async holdBack(runId: number): Promise<void> {
    await this.sql('UPDATE queue SET `rank` = -1000000 - ? WHERE id = ?', [runId, runId]);
  }

  private async claimOne(runId: number): Promise<Lease> {
    const [run] = await this.store.claim(this.runner, 1);
    if (run?.id !== runId) throw new Error(`claimed ${run?.id}, wanted ${runId}`);
    return { runId, fence: run.fence };
  }
}
