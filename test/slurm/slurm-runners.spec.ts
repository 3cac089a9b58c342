import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileProduct, type Product } from '../product';
import { startSlurm, type SlurmCluster } from '../tools/slurm.mjs';
import type { RunnerProcess } from '../runner-world';
import { until } from '../until';
import { slurmHandle, SlurmStage, WAIT_FOR_FILE } from './slurm-stage';

/** Within which a runner that thinks a run is late has said so. */
const SEVERAL_LOOKS_MS = 2000;

describe('runners of a Slurm cluster that die', () => {
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

  it('starts each job once wherever its runner dies, and follows it with the next', async () => {
    for (const point of ['afterClaim', 'afterPrepare', 'afterAuthorise', 'afterGo', 'whileRunning', 'afterExit']) {
      const seconds = point === 'whileRunning' ? 2 : 0.2;
      const id = await stage.run(`echo start >> life; sleep ${seconds}; echo end >> life`);
      const doomed = spawnRunner({ TEST_CRASH_AT: point });
      await until(() => !doomed.isAlive, 20_000);
      expect([point, doomed.child.signalCode]).toEqual([point, 'SIGKILL']);
      const next = spawnRunner();
      const { state, note, starts } = await stage.world.untilFinal(id);
      expect([point, state, note, starts]).toEqual([point, 'succeeded', null, 1]);
      expect([point, stage.life(id)]).toEqual([point, 'start\nend\n']);
      await next.end();
    }
  }, 120_000);

  it('leaves the time limit to the cluster where its own clock says nothing any more', async () => {
    const first = spawnRunner();
    const id = await stage.run(WAIT_FOR_FILE, {}, {}, { timeLimitSeconds: 3600 });
    const run = await stage.untilBegun(id);
    // From then on the limit counts from there.
    await until(async () => (await stage.world.find(id)).begunMs !== null);
    await first.end('SIGKILL');
    // As after a restart of the machine of the runner, with the clock of the database put forward by two hours.
    writeFileSync(stage.world.control(run, 'deadline'), 'another-boot 1\n');
    await stage.world.dataSource.query(
      `UPDATE queue SET started_ms = started_ms - 7200000, begun_ms = begun_ms - 7200000 WHERE id = ${id}`,
    );
    spawnRunner();
    await until(async () => (await stage.world.find(id)).fence > run.fence);
    await sleep(SEVERAL_LOOKS_MS);
    stage.letEnd(id);
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
  });

  it('cancels the held job of a runner that died before it was authorised', async () => {
    const id = await stage.run('echo start >> life');
    const doomed = spawnRunner({ TEST_CRASH_AT: 'afterPrepare' });
    await until(() => !doomed.isAlive, 20_000);
    const first = await cluster.run('squeue', ['-h', '--states=PENDING', '-o', '%j %r']);
    expect(first.stdout).toMatch(new RegExp(`-${id}-1 JobHeldUser`));
    spawnRunner();
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'succeeded', attempt: 2, starts: 1 });
    await until(async () => !(await cluster.run('squeue', ['-h', '--states=PENDING', '-o', '%j'])).stdout.includes('-1\n'));
    expect(stage.life(id)).toBe('start\n');
  });

  it('cancels jobs of this installation that no run waits for when it starts, and no others', async () => {
    const first = spawnRunner();
    const run = await stage.world.untilFinal(await stage.run('true'));
    await first.end();
    const installation = slurmHandle(run).name.split('-')[1];
    const hold = (name: string, comment: string) =>
      cluster.run('sbatch', ['--parsable', '-H', '-o', '/dev/null', '-J', name, `--comment=${comment}`, '--wrap', 'true']);
    const names = async () => (await cluster.run('squeue', ['-h', '--states=PENDING', '-o', '%j'])).stdout.trim().split('\n').sort();
    await hold(`sr-${installation}-999-1`, `sr:${installation}:999:1`);
    await hold(`sr-${installation}-${run.id}-1`, `sr:${installation}:${run.id}:1`);
    await hold('sr-0123456789ab-999-1', 'sr:0123456789ab:999:1');
    await hold(`sr-${installation}-998-1`, 'somebody else');
    spawnRunner();
    await until(async () => (await names()).length === 2, 20_000);
    expect(await names()).toEqual(['sr-0123456789ab-999-1', `sr-${installation}-998-1`].sort());
  });
});
