import { randomUUID } from 'node:crypto';
import { PokeListener } from '../../../src/common/queue/poke-listener';
import { Poke } from '../../../src/common/queue/poke.service';
import { QueueFiguresRepository } from '../../../src/common/queue/queue-figures.repository';
import { Run, RunDetails, RunEvent, Runner } from '../../../src/common/queue/run.entity';
import { RunsRepository, type Cursor } from '../../../src/common/queue/runs.repository';
import { aRun } from '../../factories';
import { planOf, statementsOf } from '../../plans';
import { until } from '../../until';
import { anEnding, QueueStage } from './queue-stage';

let stage: QueueStage;
let runs: RunsRepository;
let figures: QueueFiguresRepository;

beforeEach(async () => {
  stage = await QueueStage.open();
  const { dataSource } = stage;
  runs = new RunsRepository(dataSource.getRepository(Run), dataSource.getRepository(RunDetails), dataSource.getRepository(RunEvent));
  figures = new QueueFiguresRepository(dataSource.getRepository(Run), dataSource.getRepository(Runner));
});
afterEach(() => stage.close());

const ids = (list: Run[]) => list.map((run) => run.id);

it('lists what is not over: held, then waiting in the order of the queue, then scheduled', async () => {
  const ownerId = randomUUID();
  const later = (await stage.bring('scheduled', { ownerId })).runId;
  const held = (await stage.bring('running', { ownerId })).runId;
  await stage.bring('succeeded', { ownerId });
  const plain = await stage.enqueue({ ownerId });
  const urgent = await stage.enqueue({ ownerId, level: -1 });
  const foreign = await stage.enqueue();
  expect(ids(await runs.listWaitingAndHeld({ ownerId }))).toEqual([held, urgent, plain, later]);
  expect(ids(await runs.listWaitingAndHeld())).toEqual([held, urgent, plain, foreign, later]);
  expect(ids(await runs.listWaitingAndHeld({ limit: 2 }))).toEqual([held, urgent]);
  expect(ids(await runs.liveOfOwner(ownerId)).sort((one, other) => one - other)).toEqual([later, held, plain, urgent]);
});

it('finds what is kept longer by an index, however many runs there are, the latest first', async () => {
  const nowMs = await stage.store.nowMs();
  const rows = stage.dataSource.getRepository(Run);
  const add = async (over: Partial<Run>) => {
    const { id: _, ...row } = aRun({ submissionId: randomUUID(), state: 'succeeded', finishedMs: 5, ...over });
    return Number((await rows.insert(row)).identifiers[0]['id']);
  };
  await rows.insert(
    Array.from({ length: 500 }, () => {
      const { id: _, ...row } = aRun({ submissionId: randomUUID(), state: 'succeeded', finishedMs: 5 });
      return row;
    }),
  );
  const kept = [await add({ keep: true }), await add({ keepUntilMs: nowMs + 9 }), await add({ keep: true, keepUntilMs: nowMs + 5 })];
  await add({ keepUntilMs: nowMs });
  await add({ keep: true, state: 'queued', finishedMs: null });
  const statements = await statementsOf(stage.dataSource, async () =>
    expect(ids(await runs.keptLonger(nowMs, 10))).toEqual(kept.toReversed()),
  );
  expect(statements).toHaveLength(2);
  if (!stage.isSqlite) await stage.sql('ANALYZE TABLE queue');
  for (const statement of statements) {
    const [line, ...more] = await planOf(stage.dataSource, statement);
    expect([line, more]).toEqual([expect.stringContaining('idx_queue_kept'), []]);
    expect(line).not.toContain('filesort');
  }
});

it('pages through ended runs without a gap or a repetition, also where many ended in one millisecond', async () => {
  const ownerId = randomUUID();
  const ended: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    const { id: _, ...row } = aRun({ submissionId: randomUUID(), state: 'succeeded', finishedMs: 5, ...(count % 2 ? { ownerId } : {}) });
    const { identifiers } = await stage.dataSource.getRepository(Run).insert(row);
    ended.push(Number(identifiers[0]['id']));
  }
  await stage.enqueue();
  const all = async (owner?: string) => {
    const seen: number[] = [];
    let after: Cursor | null = null;
    do {
      const page = await runs.listFinished({ ...(owner ? { ownerId: owner } : {}), after, limit: 2 });
      seen.push(...ids(page.runs));
      after = page.next;
    } while (after);
    return seen;
  };
  expect(await all()).toEqual([...ended].reverse());
  expect(await all(ownerId)).toEqual([ended[3], ended[1]]);
});

it('tells which runs use a project', async () => {
  const projectId = randomUUID();
  const live = (await stage.bring('unknown', { projectId })).runId;
  const over = (await stage.bring('failed', { projectId })).runId;
  expect(ids(await runs.liveOfProject(projectId))).toEqual([live]);
  expect(ids(await runs.byProject(projectId, 10))).toEqual([over, live]);
});

it('gives the cleaner what ended before a time and is not kept, and forgets all of it', async () => {
  const old = (await stage.bring('succeeded')).runId;
  const kept = (await stage.bring('succeeded')).runId;
  const live = (await stage.bring('running')).runId;
  await runs.setKeep(kept, true);
  const now = await stage.store.nowMs();
  expect(ids(await runs.finishedBefore(now + 1, 10))).toEqual([old]);
  expect(ids(await runs.finishedBefore(now - 3_600_000, 10))).toEqual([]);
  expect(await runs.forget(old)).toBe(true);
  expect(await runs.forget(old)).toBe(false);
  expect(await runs.forget(live)).toBe(false);
  expect([await runs.find(old), await runs.details(old), await runs.events(old)]).toEqual([null, null, []]);
  expect((await runs.events(live)).length).toBeGreaterThan(0);
});

it('forgets the turn of a person with their last run', async () => {
  const ownerId = randomUUID();
  const turns = () => stage.sql<unknown[]>('SELECT turn FROM turns WHERE owner_id = ?', [ownerId]);
  const [one, other] = [(await stage.bring('succeeded', { ownerId })).runId, (await stage.bring('failed', { ownerId })).runId];
  expect(await turns()).toHaveLength(1);
  await runs.forget(one);
  expect(await turns()).toHaveLength(1);
  await runs.forget(other);
  expect(await turns()).toHaveLength(0);
});

it('counts runs by state, and what each living runner carries', async () => {
  await stage.bring('running');
  await stage.bring('unknown');
  await stage.bring('failed');
  await stage.enqueue();
  await stage.anotherRunner('idle', { slots: 2 });
  await stage.anotherRunner('gone');
  await stage.silence('gone');
  await stage.store.retireRunner(await stage.anotherRunner('stopped'));
  expect(await figures.countsByState()).toEqual({ scheduled: 0, queued: 1, starting: 0, running: 1, stopping: 0, unknown: 1 });
  const alive = await figures.aliveRunners(60);
  expect(alive.map(({ name, slots, held }) => ({ name, slots, held }))).toEqual([
    { name: 'first', slots: 100, held: 2 },
    { name: 'idle', slots: 2, held: 0 },
  ]);
  expect(alive[0].silentMs).toBeLessThan(60_000);
});

it('knows how long a pipeline usually takes, as the median of its last successes', async () => {
  expect(await figures.typicalSeconds('unheard')).toBeNull();
  for (const seconds of [10, 1000, 30]) {
    const lease = await stage.bring('running', { pipelineId: 'blur' });
    await stage.sql('UPDATE queue SET started_ms = started_ms - ? WHERE id = ?', [seconds * 1000, lease.runId]);
    await stage.store.finish(lease, anEnding('succeeded'));
  }
  await stage.bring('failed', { pipelineId: 'blur' });
  expect(await figures.typicalSeconds('blur')).toBe(30);
  expect(await figures.usualTime('blur')).toEqual({ low: 10, median: 30, high: 1000 });
  expect(await figures.usualTime('unheard')).toBeNull();
});

it('wakes living runners, and puts up with those that are gone', async () => {
  let looks = 0;
  const listener = await PokeListener.open('127.0.0.1', () => (looks += 1));
  const poke = new Poke(figures, stage.database.config);
  await poke.pokeRunners();
  await stage.anotherRunner('awake', { pokeAddress: listener.address });
  await stage.anotherRunner('odd', { pokeAddress: 'nonsense' });
  await stage.anotherRunner('away', { pokeAddress: '127.0.0.1:9' });
  await poke.pokeRunners();
  await until(() => looks === 1);
  await poke.pokeRunners();
  await until(() => looks === 2);
  poke.onApplicationShutdown();
  await stage.dataSource.destroy();
  await new Poke(figures, stage.database.config).pokeRunners();
  listener.close();
});
