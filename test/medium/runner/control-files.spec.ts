import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

describe('a run whose control files were damaged', () => {
  let world: RunnerWorld;
  let stop = () => Promise.resolve();

  beforeAll(async () => {
    world = await RunnerWorld.open();
    stop = await world.startRunner();
  });
  afterAll(async () => {
    await stop();
    await world.close();
  });

  it('is stopped although the first tries to stop it fail', async () => {
    const id = await world.run('touch begun; exec sleep 300');
    await until(() => existsSync(world.results(id, 'begun')));
    const run = await world.find(id);
    // As on a disk that takes no new files for a while.
    mkdirSync(world.control(run, 'asked'));
    await world.cancel(id, 'Cancelled by Ada');
    await world.untilState(id, 'stopping');
    await sleep(500);
    rmdirSync(world.control(run, 'asked'));
    expect(await world.untilState(id, 'cancelled')).toMatchObject({ note: 'Cancelled by Ada', exitCode: 143 });
  });

  it.each(['{"inForce":', '\0\0\0\0', 'null', '7', '{"inForce":[null,{"name":1}],"groups":[{}]}'])(
    'ends with its status whatever stands in place of its limits: %j',
    async (content) => {
      const id = await world.run('touch begun; while [ ! -e end ]; do sleep 0.02; done; exit 7');
      await until(() => existsSync(world.results(id, 'begun')));
      writeFileSync(world.control(await world.find(id), 'limits.json'), content);
      writeFileSync(world.results(id, 'end'), '');
      expect(await world.untilFinal(id)).toMatchObject({ state: 'failed', exitCode: 7 });
    },
  );
});
