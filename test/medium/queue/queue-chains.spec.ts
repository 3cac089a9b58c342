import { RunLink } from '../../../src/common/chains/run-link.entity';
import type { QueueStore } from '../../../src/common/queue/queue-store';
import type { FinalState } from '../../../src/common/queue/run-state';
import { RunDetails } from '../../../src/common/queue/run.entity';
import { aNewRun } from '../../factories';
import { anEnding, QueueStage } from './queue-stage';

describe('runs that wait for another one', () => {
  let stage: QueueStage;
  let store: QueueStore;
  let other: QueueStore;

  beforeAll(async () => {
    stage = await QueueStage.open();
    store = stage.store;
    other = await stage.anotherStore();
  });
  afterEach(() => stage.expectLawfulHistory());
  afterAll(() => stage.close());

  const linkOf = (runId: number) => stage.dataSource.getRepository(RunLink).findOneBy({ runId });
  const isDue = async () => (await store.glance('first')).due;
  const endedAs = async (state: FinalState) => (await stage.bring(state)).runId;

  it('are scheduled for no time, and of one chain', async () => {
    const first = await stage.enqueue();
    const second = await stage.enqueue({ afterRun: first });
    const third = await stage.enqueue({ afterRun: second });
    expect(await stage.run(second)).toMatchObject({ state: 'scheduled', availableMs: 253_402_300_799_999, dueMs: null });
    expect(await linkOf(first)).toBeNull();
    expect(await linkOf(second)).toMatchObject({ afterRun: first, rootRun: first, isOpen: true });
    expect(await linkOf(third)).toMatchObject({ afterRun: second, rootRun: first, isOpen: true });
    expect([await store.releaseDue(), await isDue(), await store.decidedLinks()]).toEqual([0, false, []]);
    for (const runId of [first, second, third]) await store.requestCancel(runId, 'Tidy.');
    expect([await store.closeLinks(), await store.closeLinks()]).toEqual([2, 0]);
  });

  it('count among those that may wait', async () => {
    const ownerId = 'somebody';
    const first = (await store.enqueue(aNewRun({ ownerId }), 2)).runId;
    const second = (await store.enqueue(aNewRun({ ownerId, afterRun: first }), 2)).runId;
    await expect(store.enqueue(aNewRun({ ownerId, afterRun: second }), 2)).rejects.toMatchObject({ key: 'run.tooManyWaiting' });
    for (const runId of [first, second]) await store.requestCancel(runId, 'Tidy.');
    await store.closeLinks();
  });

  it('start once with what was found, whoever decides and however often', async () => {
    const runId = await stage.enqueue({ afterRun: await endedAs('succeeded'), parameters: { image: 'after:*.tif' } });
    expect(await isDue()).toBe(true);
    const [link] = await store.decidedLinks();
    expect(link).toMatchObject({ runId, afterState: 'succeeded' });
    const found = { image: 'project:runs/1/a.tif' };
    const answers = await Promise.all([store, other, store, other].map((one) => one.startLink(runId, found)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await store.stopLink(runId, 'Too late.')).toBe(false);
    expect(await stage.run(runId)).toMatchObject({ state: 'queued', note: null });
    expect((await stage.run(runId)).availableMs).toBeLessThanOrEqual(await store.nowMs());
    expect((await stage.dataSource.getRepository(RunDetails).findOneByOrFail({ runId })).parameters).toEqual(found);
    expect([await linkOf(runId), await isDue()]).toMatchObject([{ isOpen: false }, false]);
    await store.requestCancel(runId, 'Tidy.');
  });

  it.each(['partial', 'failed', 'timed_out', 'cancelled', 'lost'] as const)('are told where the one before is %s', async (state) => {
    const runId = await stage.enqueue({ afterRun: await endedAs(state) });
    expect(await store.decidedLinks()).toMatchObject([{ runId, afterState: state }]);
    const answers = await Promise.all([store.stopLink(runId, 'In vain.'), other.stopLink(runId, 'In vain.')]);
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await stage.run(runId)).toMatchObject({ state: 'cancelled', note: 'In vain.' });
    expect([await store.startLink(runId, {}), await linkOf(runId)]).toMatchObject([false, { isOpen: false }]);
  });

  it('are told where the one before is gone', async () => {
    const runId = await stage.enqueue({ afterRun: 4_000_000 });
    expect(await store.decidedLinks()).toEqual([{ runId, afterRun: 4_000_000, afterState: null }]);
    expect(await store.stopLink(runId, 'Gone.')).toBe(true);
  });

  it('on hold wait on until they are let go, and end where there is nothing to wait for', async () => {
    const held = await stage.enqueue({ afterRun: await endedAs('succeeded') });
    expect(await store.hold(held, 'Ada', 'Later.')).toBe('held');
    expect([await isDue(), await store.startLink(held, {})]).toEqual([false, false]);
    expect(await store.letGo(held)).toBe('let_go');
    expect([await isDue(), await store.startLink(held, {})]).toEqual([true, true]);
    await store.requestCancel(held, 'Tidy.');
    const vain = await stage.enqueue({ afterRun: await endedAs('failed') });
    await store.hold(vain, 'Ada', 'Later.');
    expect([await isDue(), await store.stopLink(vain, 'In vain.')]).toEqual([true, true]);
  });

  it('are told in parts, so that none stands in the way of those behind it', async () => {
    const before = await endedAs('failed');
    const runIds = [await stage.enqueue({ afterRun: before }), await stage.enqueue({ afterRun: before })];
    const numbersOf = async (above: number) => (await store.decidedLinks(above)).map(({ runId }) => runId);
    expect([await numbersOf(0), await numbersOf(runIds[0]), await numbersOf(runIds[1])]).toEqual([runIds, [runIds[1]], []]);
    for (const runId of runIds) await store.stopLink(runId, 'In vain.');
  });

  it('keep their link where the run itself cannot be seen yet, as in the moment in which both are written', async () => {
    const unseen = { runId: 5_000_000, afterRun: 1, rootRun: 1, isOpen: true };
    await stage.dataSource.getRepository(RunLink).insert(unseen);
    expect([await store.closeLinks(), await linkOf(unseen.runId), await isDue()]).toMatchObject([0, { isOpen: true }, false]);
    await stage.dataSource.getRepository(RunLink).delete({ runId: unseen.runId });
  });

  it('whose runner died between the two halves of an end wait for nothing any more', async () => {
    const before = await stage.bring('running');
    const runId = await stage.enqueue({ afterRun: before.runId });
    await store.requestCancel(runId, 'Cancelled by Ada.');
    await store.finish(before, anEnding('succeeded'));
    expect([await isDue(), await store.decidedLinks(), await store.startLink(runId, {})]).toEqual([false, [], false]);
    expect([await store.closeLinks(), await linkOf(runId)]).toMatchObject([1, { isOpen: false }]);
  });
});
