import type { QueueStore } from '../../../src/common/queue/queue-store';
import { aNewRun } from '../../factories';
import { HANDLE, STALE_SECONDS } from './queue-constants';
import { anEnding, QueueStage } from './queue-stage';

let stage: QueueStage;
let store: QueueStore;

beforeEach(async () => {
  stage = await QueueStage.open();
  store = stage.store;
});
afterEach(async () => {
  await stage.expectLawfulHistory();
  await stage.close();
});

const states = async (ids: readonly number[]) => Promise.all(ids.map(async (id) => (await stage.run(id)).state));

/** Steps that are asked for in one turn travel together; nobody may notice. */
describe('steps in one turn', () => {
  it('are each carried out with their own values, and answered for themselves', async () => {
    await Promise.all([1, 2, 3, 4, 5].map(() => stage.enqueue()));
    const leases = (await store.claim(stage.runner, 5)).map((run) => ({ runId: run.id, fence: run.fence }));
    const brought = leases.map(({ runId }) => runId);
    expect(brought).toHaveLength(5);
    await store.requestCancel(leases[1].runId, 'Cancelled by Ada.');
    const handles = leases.map((_, index) => ({ ...HANDLE, pid: 100 + index }));
    expect(await Promise.all(leases.map((lease, index) => store.authorise(lease, handles[index])))).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
    expect((await stage.run(leases[3].runId)).handle).toEqual(handles[3]);

    const ends = await Promise.all([
      store.finish(leases[0], { state: 'failed', exitCode: 7, note: 'Seven.' }),
      store.finish({ ...leases[2], fence: leases[2].fence + 1 }, anEnding('succeeded')),
      store.finish(leases[3], { state: 'succeeded', exitCode: 0, note: null }),
      store.finish(leases[4], { state: 'lost', exitCode: null, note: 'No trace.' }),
      store.cancelStarting(leases[1]),
    ]);
    expect(ends).toEqual([true, false, true, true, true]);
    expect(await states(brought)).toEqual(['failed', 'cancelled', 'running', 'succeeded', 'lost']);
    expect(await stage.run(brought[0])).toMatchObject({ exitCode: 7, note: 'Seven.' });
    expect(await stage.run(brought[4])).toMatchObject({ exitCode: null, note: 'No trace.' });
  });

  it('say yes again when they are repeated, and no when another ending was written', async () => {
    const [one, other] = [await stage.bring('running'), await stage.bring('running')];
    const ends = [anEnding('succeeded'), anEnding('failed')];
    expect(await Promise.all([store.finish(one, ends[0]), store.finish(other, ends[1])])).toEqual([true, true]);
    expect(await Promise.all([store.finish(one, ends[0]), store.finish(other, ends[0])])).toEqual([true, false]);
  });

  it('under an old and a new fence of one run never mix', async () => {
    const [first, second] = [await stage.bring('running'), await stage.bring('running')];
    const renewed = await stage.renew(first);
    const answers = await Promise.all([
      store.finish(first, { state: 'failed', exitCode: 1, note: 'The old owner says so.' }),
      store.finish(renewed, { state: 'succeeded', exitCode: 0, note: null }),
      store.finish(second, anEnding('partial')),
    ]);
    expect(answers).toEqual([false, true, true]);
    expect(await stage.run(first.runId)).toMatchObject({ state: 'succeeded', exitCode: 0, note: null });
    expect((await stage.run(second.runId)).state).toBe('partial');
  });

  it('fail alone when the database refuses one of them', async () => {
    const [good, bad] = [await stage.bring('running'), await stage.bring('running')];
    const outcomes = await Promise.allSettled([
      store.finish(good, anEnding('succeeded')),
      // What no code may do: the guard in the database refuses it.
      store.finish(bad, { ...anEnding('succeeded'), state: 'queued' as 'succeeded' }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await states([good.runId, bad.runId])).toEqual(['succeeded', 'running']);
  });

  it('of all kinds side by side leave what they would have left one by one', async () => {
    const asked = Array.from({ length: 12 }, () => aNewRun());
    const made = await Promise.all([...asked, asked[0]].map((run) => store.enqueue(run)));
    expect(new Set(made.map(({ runId }) => runId)).size).toBe(12);
    expect(made.filter(({ created }) => created)).toHaveLength(12);
    const runs = await store.claim(stage.runner, 12);
    const leases = runs.map((run) => ({ runId: run.id, fence: run.fence }));
    const answers = await Promise.all(
      leases.map((lease, index) => (index % 2 ? store.unclaim(lease, 'No space.') : store.authorise(lease, HANDLE))),
    );
    expect(answers.every(Boolean)).toBe(true);
    const taken = await Promise.all(
      leases.filter((_, index) => index % 2 === 0).map((lease) => store.takeOver(lease, stage.runner, STALE_SECONDS)),
    );
    expect(taken.every((run) => run !== null)).toBe(true);
    expect((await states(leases.map(({ runId }) => runId))).filter((state) => state === 'queued')).toHaveLength(6);
  });
});
