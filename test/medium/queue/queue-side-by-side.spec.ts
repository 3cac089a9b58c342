import { setImmediate as turn } from 'node:timers/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { Fact } from '../../../src/common/database/fact.entity';
import { openQueueStore } from '../../../src/common/queue/queue.module';
import type { QueueStore } from '../../../src/common/queue/queue-store';
import { Run } from '../../../src/common/queue/run.entity';
import { aNewRun } from '../../factories';
import { QueueStage } from './queue-stage';

const ROUNDS = 60;
const LONGEST_FREEZE_MS = 1000;

/** A store and TypeORM in one process, with the one mutex that both have to pass on SQLite. */
let stage: QueueStage;
let mutex: DatabaseMutex;
let store: QueueStore;

beforeAll(async () => {
  stage = await QueueStage.open();
  mutex = new DatabaseMutex();
  store = openQueueStore(stage.database.config, stage.dataSource, mutex);
  stage.stores.push(store);
});
afterAll(() => stage.close());

function transaction(work: () => Promise<void>): Promise<void> {
  return stage.isSqlite ? mutex.run(() => stage.dataSource.transaction(work)) : work();
}

it('neither loses what was acknowledged nor holds up the process, while transactions of TypeORM fail and succeed', async () => {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const kept: string[] = [];
  const enqueued: number[] = [];
  const work: Promise<unknown>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `fact-${round}`;
    const fails = round % 3 === 0;
    const write = transaction(async () => {
      await stage.dataSource.manager.insert(Fact, { name, value: 'x' });
      await turn();
      if (fails && stage.isSqlite) throw new Error('undone');
    });
    work.push(write.then(() => kept.push(name)).catch(() => undefined));
    work.push(store.enqueue(aNewRun()).then(({ runId }) => enqueued.push(runId)));
    work.push(store.glance('first'), store.beat(stage.runner), store.held());
    if (round % 5 === 0) work.push(store.claim(stage.runner, 2));
  }
  await Promise.all(work);
  delay.disable();

  expect(enqueued).toHaveLength(ROUNDS);
  expect(await stage.dataSource.getRepository(Run).count()).toBe(ROUNDS);
  const facts = await stage.dataSource.getRepository(Fact).find();
  expect(new Set(facts.map((fact) => fact.name))).toEqual(new Set(kept));
  expect(delay.max / 1e6).toBeLessThan(LONGEST_FREEZE_MS);
  await stage.expectLawfulHistory();
});

it('waits for a foreign writer without stopping the process', async () => {
  if (!stage.isSqlite) return;
  const foreign = await stage.database.connect();
  await foreign.query('BEGIN IMMEDIATE');
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let done = false;
  const enqueue = store.enqueue(aNewRun()).then((answer) => {
    done = true;
    return answer;
  });
  const begin = performance.now();
  while (performance.now() - begin < 1500) await turn();
  expect(done).toBe(false);
  await foreign.query('COMMIT');
  expect((await enqueue).created).toBe(true);
  delay.disable();
  expect(delay.max / 1e6).toBeLessThan(LONGEST_FREEZE_MS);
});
