import type { Lease, QueueStore, RunnerIdentity } from '../../../src/common/queue/queue-store';
import { isFinal, type RunState } from '../../../src/common/queue/run-state';
import type { Run } from '../../../src/common/queue/run.entity';
import { until } from '../../until';
import { HANDLE, STALE_SECONDS } from './queue-constants';
import { anEnding, QueueStage } from './queue-stage';

/** Two steps on one run from two connections; whichever comes first, what follows must fit. */
interface Race {
  from: RunState;
  one: (store: QueueStore, lease: Lease) => Promise<unknown>;
  other: (store: QueueStore, lease: Lease) => Promise<unknown>;
  /** The pairs of answers that may come, each with the state that it leads to. */
  endings: [one: unknown, other: unknown, state: RunState][];
}

let stage: QueueStage;
let stores: [QueueStore, QueueStore];
let heirs: [RunnerIdentity, RunnerIdentity];

const claims = (index: 0 | 1) => async (store: QueueStore) => (await store.claim(heirs[index], 1)).length === 1;
const takes = (index: 0 | 1) => async (store: QueueStore, lease: Lease) =>
  (await store.takeOver(lease, heirs[index], STALE_SECONDS)) !== null;
const cancels = (store: QueueStore, { runId }: Lease) => store.requestCancel(runId, 'Cancelled by Ada.');
const finishes = (store: QueueStore, lease: Lease) => store.finish(lease, anEnding('succeeded'));

const RACES: Record<string, Race> = {
  'cancel and claim': {
    from: 'queued',
    one: cancels,
    other: claims(0),
    endings: [
      ['cancelled', false, 'cancelled'],
      ['stopping', true, 'starting'],
    ],
  },
  'two claims of one runner': {
    from: 'queued',
    one: claims(0),
    other: claims(0),
    endings: [
      [true, false, 'starting'],
      [false, true, 'starting'],
    ],
  },
  'two claims': {
    from: 'queued',
    one: claims(0),
    other: claims(1),
    endings: [
      [true, false, 'starting'],
      [false, true, 'starting'],
    ],
  },
  'cancel and release': {
    from: 'scheduled',
    one: cancels,
    other: async (store) => (await store.releaseDue()) > 0,
    endings: [
      ['cancelled', false, 'cancelled'],
      ['cancelled', true, 'cancelled'],
    ],
  },
  'cancel and authorise': {
    from: 'starting',
    one: cancels,
    other: (store, lease) => store.authorise(lease, HANDLE),
    endings: [
      ['stopping', false, 'starting'],
      ['stopping', true, 'stopping'],
    ],
  },
  'cancel and unclaim': {
    from: 'starting',
    one: cancels,
    other: (store, lease) => store.unclaim(lease, 'No space.'),
    endings: [
      ['stopping', true, 'cancelled'],
      ['cancelled', true, 'cancelled'],
    ],
  },
  'take-over and authorise': {
    from: 'starting',
    one: takes(0),
    other: (store, lease) => store.authorise(lease, HANDLE),
    endings: [
      [true, false, 'starting'],
      // The authorised run is taken over as well: the same fence, another state.
      [true, true, 'running'],
    ],
  },
  'take-over and unclaim': {
    from: 'starting',
    one: takes(0),
    other: (store, lease) => store.unclaim(lease, 'No space.'),
    endings: [
      [true, false, 'starting'],
      [false, true, 'queued'],
    ],
  },
  'two take-overs': {
    from: 'running',
    one: takes(0),
    other: takes(1),
    endings: [
      [true, false, 'running'],
      [false, true, 'running'],
    ],
  },
  'take-over and finish': {
    from: 'running',
    one: takes(0),
    other: finishes,
    endings: [
      [true, false, 'running'],
      [false, true, 'succeeded'],
    ],
  },
  'cancel and finish': {
    from: 'running',
    one: cancels,
    other: finishes,
    endings: [
      ['stopping', true, 'succeeded'],
      ['already_final', true, 'succeeded'],
    ],
  },
  'cancel and retry': {
    from: 'running',
    one: cancels,
    other: (store, lease) => store.retry(lease, 'Once more.'),
    endings: [
      ['stopping', false, 'stopping'],
      ['cancelled', true, 'cancelled'],
    ],
  },
  'cancel and doubt': {
    from: 'running',
    one: cancels,
    other: (store, lease) => store.doubt(lease, 'The host does not answer.'),
    endings: [['stopping', true, 'unknown']],
  },
  'cancel and unstart': {
    from: 'running',
    one: cancels,
    other: (store, lease) => store.unstart(lease),
    endings: [
      ['stopping', true, 'cancelled'],
      ['cancelled', true, 'cancelled'],
    ],
  },
  'time limit and cancel': {
    from: 'running',
    one: (store, lease) => store.stop(lease, 'time_limit', 'Too long.'),
    other: cancels,
    endings: [[true, 'stopping', 'stopping']],
  },
  'time limit and finish': {
    from: 'running',
    one: (store, lease) => store.stop(lease, 'time_limit', 'Too long.'),
    other: finishes,
    endings: [
      [true, true, 'succeeded'],
      [false, true, 'succeeded'],
    ],
  },
  'take-over and regain': {
    from: 'unknown',
    one: takes(0),
    other: (store, lease) => store.regain(lease),
    endings: [
      [true, false, 'unknown'],
      [true, true, 'running'],
    ],
  },
  'two endings': {
    from: 'running',
    one: finishes,
    other: (store, lease) => store.finish(lease, anEnding('failed')),
    endings: [
      [true, false, 'succeeded'],
      [false, true, 'failed'],
    ],
  },
};

beforeAll(async () => {
  stage = await QueueStage.open();
  stores = [stage.store, await stage.anotherStore()];
  heirs = [await stage.anotherRunner('heir-1'), await stage.anotherRunner('heir-2')];
});
afterEach(() => stage.expectLawfulHistory());
afterAll(() => stage.close());

describe.each(Object.entries(RACES))('%s', (_name, race) => {
  it.each(['one first', 'other first'])('%s', async (order) => {
    const lease = await stage.bring(race.from, { maxStarts: 2, level: -5 });
    if (race.from === 'scheduled') await stage.sql('UPDATE queue SET available_ms = 1 WHERE id = ?', [lease.runId]);
    await stage.silence('first');
    const release = await holdRow(lease.runId);
    const begin = [() => race.one(stores[0], lease), () => race.other(stores[1], lease)];
    const answers: Promise<unknown>[] = [];
    for (const index of order === 'one first' ? [0, 1] : [1, 0]) {
      answers[index] = begin[index]();
      await release.untilWaiting(answers.filter(Boolean).length);
    }
    await release.now();
    const [one, other] = await Promise.all(answers);
    const run = await stage.run(lease.runId);
    expect(race.endings).toContainEqual([one, other, run.state]);
    await tidy(run);
  });
});

/**
 * On MariaDB a third connection locks the row, both steps run into the lock, and then it is released: they really meet. On SQLite a
 * step is synchronous under the lock of the file, so only their order can differ.
 */
async function holdRow(runId: number): Promise<{ untilWaiting(count: number): Promise<void>; now(): Promise<void> }> {
  if (stage.isSqlite) return { untilWaiting: () => Promise.resolve(), now: () => Promise.resolve() };
  const holder = stage.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('SELECT id FROM queue WHERE id = ? FOR UPDATE', [runId]);
  const waiting = async () => {
    const rows = (await holder.query(
      `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST
       WHERE DB = DATABASE() AND COMMAND = 'Query' AND TRIM(LEADING '\n' FROM TRIM(INFO)) LIKE 'UPDATE%'`,
    )) as { n: string }[];
    return Number(rows[0].n);
  };
  return {
    untilWaiting: (count) => until(async () => (await waiting()) >= count),
    now: async () => {
      await holder.commitTransaction();
      await holder.release();
    },
  };
}

async function tidy(run: Run): Promise<void> {
  await stage.store.beat(stage.runner);
  if (isFinal(run.state)) return;
  await stage.store.requestCancel(run.id, 'Tidy.');
  await stage.sql(`UPDATE queue SET state = 'cancelled', finished_ms = 1 WHERE id = ? AND finished_ms IS NULL`, [run.id]);
}
