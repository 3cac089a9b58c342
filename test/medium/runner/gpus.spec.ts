import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
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

  it('may be named by its UUID, and a run may be given eight of them', async () => {
    const ids = Array.from({ length: 8 }, () => `GPU-${randomUUID()}`);
    stops.push(await world.startRunner({ RUNNER_NAME: 'dgx', RUNNER_GPUS: ids.join(',') }));
    const id = await world.run('echo "$CUDA_VISIBLE_DEVICES"', {}, { needs: { cpu: 100, memory: 0, gpus: 8 } });
    const run = await world.untilState(id, 'succeeded');
    expect([run.gpuIds, world.log(run)]).toEqual([ids.join(','), `${ids.join(',')}\n`]);
    await stops.pop()?.();
  }, 30_000);

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
