import { existsSync, readFileSync } from 'node:fs';
import { compileProduct, type Product } from '../product';
import { startSlurm, type SlurmCluster } from '../tools/slurm.mjs';
import type { RunnerProcess } from '../runner-world';
import { SlurmStage, slurmHandle, WAIT_FOR_FILE } from './slurm-stage';

describe('a Slurm cluster and its administrators', () => {
  let cluster: SlurmCluster;
  let stage: SlurmStage;
  let product: Product;
  const runners: RunnerProcess[] = [];

  beforeAll(async () => {
    product = compileProduct();
    cluster = await startSlurm();
    stage = await SlurmStage.open(cluster);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((one) => one.end('SIGKILL')));
    await stage.freeAll();
  });
  afterAll(async () => {
    await stage?.close();
    await cluster?.stop();
    product?.remove();
  });

  function spawnRunner(settings: Record<string, string> = {}): RunnerProcess {
    const runner = stage.world.spawnRunner(product.home, settings);
    runners.push(runner);
    return runner;
  }

  it('does not start again what an administrator puts back into the queue', async () => {
    spawnRunner();
    const id = await stage.run(WAIT_FOR_FILE);
    const { jobId } = slurmHandle(await stage.untilBegun(id));
    await cluster.run('scontrol', ['update', `jobid=${jobId}`, 'requeue=1']);
    expect((await cluster.run('scontrol', ['requeue', jobId])).code).toBe(0);
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'failed', note: expect.stringContaining('put back'), starts: 1 });
    expect(stage.life(id)).toBe('start\n');
  }, 60_000);

  it('waits for an administrator who holds a job, and says so', async () => {
    const free = await stage.occupy();
    spawnRunner();
    const id = await stage.run('echo start >> life');
    const { jobId } = slurmHandle(await stage.untilEngineNote(id, 'enough processors|priority'));
    await cluster.run('scontrol', ['hold', jobId]);
    await stage.untilEngineNote(id, 'administrator of the cluster holds');
    await free();
    await cluster.run('scontrol', ['release', jobId]);
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  }, 60_000);

  it('tells who else ended it: somebody in the cluster, or its memory', async () => {
    spawnRunner();
    const cancelled = await stage.run(WAIT_FOR_FILE);
    const { jobId } = slurmHandle(await stage.untilBegun(cancelled));
    await cluster.run('scancel', [jobId]);
    expect(await stage.world.untilFinal(cancelled)).toMatchObject({ state: 'failed', note: expect.stringContaining('cancelled its job') });
    const greedy = await stage.run(
      `python3 -c 'b = bytearray(300 << 20); import time; time.sleep(60)'`,
      {},
      {},
      {
        needs: { cpu: 1000, memory: 50, gpus: 0 },
      },
    );
    expect(await stage.world.untilFinal(greedy)).toMatchObject({
      state: 'failed',
      note: expect.stringMatching(/more memory.*52\.4 MB.*needs\.memory/),
    });
  }, 60_000);

  it('refuses what Slurm refuses, with its reason', async () => {
    spawnRunner();
    const id = await stage.run('true', { partition: 'nowhere' });
    expect(await stage.world.untilFinal(id)).toMatchObject({
      state: 'failed',
      note: expect.stringContaining('nvalid partition'),
      starts: 0,
    });
    const long = await stage.run('true', { partition: 'short', time: 3600 });
    await stage.untilEngineNote(long, 'more time');
    await stage.world.cancel(long, 'Cancelled by Ada');
    expect(await stage.world.untilFinal(long)).toMatchObject({ state: 'cancelled' });
  });

  it('cuts the log at its limit without harming the program', async () => {
    spawnRunner({ MAX_LOG: '64 KiB' });
    const id = await stage.run('head -c 300000 /dev/zero; echo done > done.txt');
    const run = await stage.world.untilFinal(id);
    expect(run.state).toBe('succeeded');
    expect(existsSync(stage.world.results(id, 'done.txt'))).toBe(true);
    expect(readFileSync(stage.world.control(run, 'log')).length).toBeLessThan(66_000);
    expect(stage.world.log(run)).toContain('The log ends here');
  });
});
