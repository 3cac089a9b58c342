import { Runner } from '../../../src/common/queue/run.entity';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

/** What a real runner tells of itself, for the people whose runs wait for it. */
describe('a runner', () => {
  let world: RunnerWorld;
  let stop: (() => Promise<void>) | undefined;

  afterEach(async () => {
    await stop?.();
    stop = undefined;
    await world?.close();
  });

  const standing = () => world.dataSource.getRepository(Runner).findOneByOrFail({});

  it('whose disk is nearly full says so at once while something waits, long before its next sign of life is due, and takes nothing', async () => {
    world = await RunnerWorld.open({ FREE_SPACE_RESERVE: '9000 TB', RUNNER_BEAT: '1h', RUNNER_STALE: '1d' });
    stop = await world.startRunner();
    expect((await standing()).trouble).toBeNull();
    const id = await world.run('exit 0');
    await until(async () => (await standing()).trouble === 'Its disk is nearly full, so it takes nothing new until there is room.');
    expect((await world.find(id)).state).toBe('queued');
  });

  it('says nothing of it any more when nothing waits', async () => {
    world = await RunnerWorld.open({ FREE_SPACE_RESERVE: '9000 TB' });
    stop = await world.startRunner();
    const id = await world.run('exit 0');
    await until(async () => (await standing()).trouble !== null);
    await world.cancel(id, 'Tidy.');
    await until(async () => (await standing()).trouble === null, 30_000);
  });

  it('takes nothing while it is paused, and at once when it is resumed and poked', async () => {
    world = await RunnerWorld.open();
    stop = await world.startRunner();
    const { name } = await standing();
    await world.store.setRunnerMode(name, 'paused');
    const id = await world.run('exit 0');
    // A beat and several looks later it still waits.
    const { beatMs } = await standing();
    await until(async () => (await standing()).beatMs > beatMs + 1000);
    expect((await world.find(id)).state).toBe('queued');
    await world.store.setRunnerMode(name, 'active');
    await world.poke();
    expect((await world.untilFinal(id)).state).toBe('succeeded');
  });
});
