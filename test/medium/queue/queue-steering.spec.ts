import { rankOfLevel } from '../../../src/common/queue/rank';
import type { QueueStore } from '../../../src/common/queue/queue-store';
import { QueueStage } from './queue-stage';

let stage: QueueStage;
let store: QueueStore;

beforeAll(async () => {
  stage = await QueueStage.open();
  store = stage.store;
});
afterEach(async () => {
  await store.letQueueGo();
  const rows = await stage.sql<{ id: number }[]>('SELECT id FROM queue WHERE finished_ms IS NULL');
  for (const { id } of rows) await store.requestCancel(id, 'Tidy.');
  await stage.sql("UPDATE queue SET state = 'cancelled', finished_ms = 1 WHERE finished_ms IS NULL");
});
afterAll(() => stage.close());

const claimed = async (most = 9) => (await store.claim(stage.runner, most)).map(({ id }) => id);
/** Of people who had no turn yet. */
let people = 0;
let line: { ownerId: string; pipelineId: string };
beforeEach(() => (line = { ownerId: `ada-${(people += 1)}`, pipelineId: 'nuclei' }));
const somebody = () => ({ ownerId: `somebody-${(people += 1)}` });

describe('a run on hold', () => {
  it('is taken by nobody until it is let go, and keeps its place, its time and its rank', async () => {
    const [first, second] = [await stage.enqueue(line), await stage.enqueue(line)];
    const before = await stage.run(first);
    expect(await store.hold(first, 'Root', 'On hold, by Root: the disk is full')).toBe('held');
    expect(await store.hold(first, 'Somebody', 'On hold, by Somebody')).toBe('held');
    expect(await stage.run(first)).toMatchObject({ state: 'scheduled', holdBy: 'Root', note: 'On hold, by Root: the disk is full' });
    expect(await store.releaseDue()).toBe(0);
    expect((await store.glance('first')).due).toBe(false);
    expect(await store.letGo(first)).toBe('let_go');
    expect(await store.letGo(first)).toBe('not_held');
    expect(await stage.run(first)).toEqual(before);
    expect(await claimed()).toEqual([first, second]);
  });

  it('that was asked for a later time waits for it again when it is let go', async () => {
    const availableMs = (await store.nowMs()) + 3_600_000;
    const runId = await stage.enqueue({ availableMs });
    await store.hold(runId, 'Root', 'On hold');
    expect(await store.letGo(runId)).toBe('let_go');
    expect(await stage.run(runId)).toMatchObject({ state: 'scheduled', availableMs, dueMs: null });
  });

  it('can be cancelled, and is refused once it has begun', async () => {
    const runId = await stage.enqueue();
    await store.hold(runId, 'Root', 'On hold');
    expect(await store.requestCancel(runId, 'Enough.')).toBe('cancelled');
    expect(await store.letGo(runId)).toBe('not_held');
    const { runId: going } = await stage.bring('running');
    expect(await store.hold(going, 'Root', 'On hold')).toBe('not_waiting');
    expect([await store.hold(4711, 'Root', 'x'), await store.letGo(4711)]).toEqual(['not_found', 'not_found']);
  });
});

describe('moves', () => {
  it('put a run to the back, also behind what comes later', async () => {
    const [one, two] = [await stage.enqueue(), await stage.enqueue()];
    expect([await store.toBack(one), await store.toBack(one)]).toEqual(['moved', 'moved']);
    expect((await stage.run(one)).rank).toBe(rankOfLevel(1));
    const three = await stage.enqueue();
    expect(await claimed()).toEqual([two, three, one]);
  });

  it('within the line of a person let nobody else wait longer', async () => {
    const own = [await stage.enqueue(line), await stage.enqueue(line), await stage.enqueue(line)];
    const other = await stage.enqueue({ ...somebody(), pipelineId: 'nuclei' });
    expect(await store.moveBeside(own[2], own[0], 'before')).toBe('moved');
    // One place at a time: ada and bob take turns, as without the move.
    expect(await claimed()).toEqual([own[2], other, own[0], own[1]]);
  });

  it('beside a run of somebody else go before, or after, all of its level', async () => {
    const own = await stage.enqueue(line);
    const others = [await stage.enqueue(somebody()), await stage.enqueue(somebody())];
    expect(await store.moveBeside(own, others[1], 'after')).toBe('moved');
    expect(await claimed()).toEqual([...others, own]);
  });

  it('are refused beside a run that waits no more, or for one that does not wait', async () => {
    const [one, two] = [await stage.enqueue(line), await stage.enqueue(line)];
    await store.requestCancel(two, 'Enough.');
    const before = await stage.run(one);
    expect(await store.moveBeside(one, two, 'after')).toBe('other_not_waiting');
    expect(await store.moveBeside(one, one, 'after')).toBe('other_not_waiting');
    expect(await store.moveBeside(two, one, 'before')).toBe('not_waiting');
    expect(await store.moveBeside(4711, one, 'before')).toBe('not_found');
    expect(await stage.run(one)).toEqual(before);
  });
});

describe('the whole queue on hold', () => {
  it('gives nothing to any runner, tells them that nothing waits, and goes on at a word', async () => {
    const runId = await stage.enqueue();
    const { runId: going, fence } = await stage.bring('running');
    expect([await store.holdQueue('Root', 'The disk is full.'), await store.holdQueue('Else', '')]).toEqual([true, false]);
    expect(await claimed()).toEqual([]);
    expect((await store.glance('first')).waiting).toBe(false);
    expect(await store.finish({ runId: going, fence }, { state: 'succeeded', exitCode: 0, note: null })).toBe(true);
    expect([await store.letQueueGo(), await store.letQueueGo()]).toEqual([true, false]);
    expect((await store.glance('first')).waiting).toBe(true);
    expect(await claimed()).toEqual([runId]);
  });

  it('stops claims that are decided at the same moment: none takes anything after the answer', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => stage.enqueue()));
    const claims = Array.from({ length: 6 }, () => store.claim(stage.runner, 2));
    await store.holdQueue('Root', '');
    const taken = new Set((await Promise.all(claims)).flat().map(({ id }) => id));
    const waiting = ids.filter((id) => !taken.has(id));
    expect(await claimed(20)).toEqual([]);
    expect(await Promise.all(waiting.map(async (id) => (await stage.run(id)).state))).toEqual(waiting.map(() => 'queued'));
  });
});
