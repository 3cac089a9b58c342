import { hostname } from 'node:os';
import { Runner } from '../../../src/common/queue/run.entity';
import { readBootId } from '../../../src/runner/executors/process-table';
import { aCapacity } from '../../factories';
import { RunnerWorld } from '../../runner-world';

const GONE = { kind: 'process', pid: 2 ** 22 - 1, startTicks: '1', host: hostname(), bootId: readBootId() } as const;

describe('a run that was unknown and turns out never to have begun', () => {
  let world: RunnerWorld;
  let stop = () => Promise.resolve();

  beforeAll(async () => {
    world = await RunnerWorld.open();
  });
  afterAll(async () => {
    await stop();
    await world.close();
  });

  /** As a runner leaves it that lost sight of what it had let go. */
  async function unknownRun(): Promise<number> {
    const id = await world.run('echo hello');
    const runner = { ...aCapacity({ name: 'gone' }), incarnation: 'gone', host: hostname(), bootId: 'x', pokeAddress: null };
    await world.store.registerRunner(runner);
    const [run] = await world.store.claim(runner, 1);
    const lease = { runId: run.id, fence: run.fence };
    expect(await world.store.authorise(lease, GONE)).toBe(true);
    expect(await world.store.doubt(lease, 'nobody answers')).toBe(true);
    await world.dataSource.getRepository(Runner).update({ name: 'gone' }, { stopped: true });
    expect(run.id).toBe(id);
    return id;
  }

  it('goes back to the queue and starts, or is cancelled if that was asked for', async () => {
    const id = await unknownRun();
    const other = await unknownRun();
    await world.cancel(other, 'not any more');
    stop = await world.startRunner();
    expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', attempt: 2, starts: 1 });
    expect(await world.untilFinal(other)).toMatchObject({ state: 'cancelled', attempt: 1 });
  }, 60_000);
});
