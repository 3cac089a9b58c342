import { isFinal } from '../../src/common/queue/run-state';
import { compileProduct, type Product } from '../product';
import { startSlurm, type SlurmCluster } from '../tools/slurm.mjs';
import type { RunnerProcess } from '../runner-world';
import { until } from '../until';
import { SlurmStage, WAIT_FOR_FILE } from './slurm-stage';

describe('a Slurm cluster that fails', () => {
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

  it('keeps what runs and what waits while slurmctld is killed and comes back', async () => {
    spawnRunner();
    const running = await stage.run(WAIT_FOR_FILE);
    await stage.untilBegun(running);
    const free = await stage.occupyRest();
    const waiting = await stage.run(WAIT_FOR_FILE);
    await stage.untilSaved(await stage.untilEngineNote(waiting, 'enough processors|priority'));
    await cluster.stopController('SIGKILL');
    stage.letEnd(running);
    // The record tells, although nobody answers.
    expect(await stage.world.untilFinal(running)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
    await cluster.startController();
    await free();
    await stage.untilBegun(waiting);
    stage.letEnd(waiting);
    expect(await stage.world.untilFinal(waiting)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, attempt: 1 });
    expect([stage.life(running), stage.life(waiting)]).toEqual(['start\nend\n', 'start\nend\n']);
  }, 90_000);

  it('says that a run is unknown while the cluster does not answer for long, and takes nothing new for it', async () => {
    spawnRunner({ SLURM_SILENCE: '2s' });
    const running = await stage.run(WAIT_FOR_FILE);
    await stage.untilBegun(running);
    await cluster.stopController('SIGTERM');
    expect(await stage.world.untilState(running, 'unknown')).toMatchObject({ note: expect.stringContaining('has not answered') });
    const next = await stage.run('echo start >> life');
    await cluster.startController();
    await stage.world.untilState(running, 'running');
    expect(await stage.world.untilFinal(next)).toMatchObject({ state: 'succeeded', starts: 1 });
    stage.letEnd(running);
    expect(await stage.world.untilFinal(running)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
  }, 90_000);

  it('believes the record of a program that outlived slurmd', async () => {
    spawnRunner();
    const id = await stage.run(WAIT_FOR_FILE);
    await stage.untilBegun(id);
    await cluster.stopNode('SIGKILL');
    stage.letEnd(id);
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
    await cluster.startNode();
    await cluster.untilReady();
  }, 60_000);

  it('calls a run lost whose node failed and that left no record', async () => {
    spawnRunner({ SLURM_SILENCE: '2s' });
    const id = await stage.run(WAIT_FOR_FILE);
    await stage.untilBegun(id);
    await cluster.stopNode('SIGKILL');
    await until(async () => isFinal((await stage.world.find(id)).state), 60_000);
    expect(await stage.world.find(id)).toMatchObject({ state: 'lost', note: expect.stringContaining('NODE_FAIL'), starts: 1 });
    await cluster.startNode();
    await cluster.untilReady();
  }, 90_000);
});
