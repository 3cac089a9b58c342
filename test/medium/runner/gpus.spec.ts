import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync, writeFileSync } from 'node:fs';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const WAIT_FOR_FILE = 'touch begun; while [ ! -e end ]; do sleep 0.02; done; echo "$CUDA_VISIBLE_DEVICES"';

describe('a GPU', () => {
  let world: RunnerWorld;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    world = await RunnerWorld.open({ RUNNER_GPUS: '0' });
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    await world.close();
  });

  it('is given to one run at a time, whichever runner of its machine asks', async () => {
    stops.push(await world.startRunner({ RUNNER_NAME: 'lab-1' }), await world.startRunner({ RUNNER_NAME: 'lab-2' }));
    const needs = { cpu: 100, memory: 0, gpus: 1 };
    const first = await world.run(WAIT_FOR_FILE, {}, { needs });
    await until(() => existsSync(world.results(first, 'begun')));
    const second = await world.run(WAIT_FOR_FILE, {}, { needs });
    // Several looks of both runners.
    await sleep(2500);
    expect((await world.find(second)).state).toBe('queued');
    for (const id of [first, second]) {
      await until(() => existsSync(world.results(id, 'begun')));
      writeFileSync(world.results(id, 'end'), '');
      const run = await world.untilFinal(id);
      expect([run.state, world.log(run)]).toEqual(['succeeded', '0\n']);
    }
  }, 30_000);
});
