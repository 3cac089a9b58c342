import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Run, Runner } from '../../../src/common/queue/run.entity';
import { isAlive } from '../../../src/runner/executors/process-table';
import { compileProduct, type Product } from '../../product';
import { RunnerWorld, type RunnerProcess } from '../../runner-world';
import { until } from '../../until';
import { processHandle } from '../../factories';

const WAIT_FOR_FILE = 'echo start >> life; while [ ! -e end ]; do sleep 0.02; done; echo end >> life; echo said; exit 7';

/** Where the program of a run is said to be. */
/** Within which a runner that thinks a run is late has said so. */
const SEVERAL_LOOKS_MS = 1500;
const FAR_AWAY = { host: 'far-away', bootId: 'another-boot/1' };

describe('recovery', () => {
  let world: RunnerWorld;
  let product: Product;
  const processes: RunnerProcess[] = [];

  beforeAll(async () => {
    product = compileProduct();
    world = await RunnerWorld.open({ RUNNER_SLOTS: '20' });
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')));
  });
  afterAll(async () => {
    await world.close();
    product.remove();
  });

  function spawnRunner(settings: Record<string, string> = {}): RunnerProcess {
    const runner = world.spawnRunner(product.home, settings);
    processes.push(runner);
    return runner;
  }

  const life = (id: number) => (existsSync(world.results(id, 'life')) ? readFileSync(world.results(id, 'life'), 'utf8') : '');
  const letEnd = (id: number) => writeFileSync(world.results(id, 'end'), '');

  async function startedRun(script = WAIT_FOR_FILE): Promise<Run> {
    const id = await world.run(script);
    const run = await world.untilState(id, 'running');
    // Let go for certain: its process waits for that word since before the run was authorised.
    await until(() => existsSync(world.control(run, 'started')) && readFileSync(world.control(run, 'started'), 'utf8') === 'go');
    return run;
  }

  it('finds a program again that outlived its killed runner, and its end', async () => {
    await spawnRunner().end('SIGKILL');
    const first = spawnRunner();
    const run = await startedRun();
    await first.end('SIGKILL');
    expect(isAlive(processHandle(run).pid, processHandle(run).startTicks)).toBe(true);
    const second = spawnRunner();
    await until(async () => (await world.find(run.id)).fence > run.fence);
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, attempt: 1 });
    expect(life(run.id)).toBe('start\nend\n');
    expect(world.log(run)).toBe('said\n');
    expect(second.isAlive).toBe(true);
  });

  it('reads the end of a program that ended while no runner was there', async () => {
    const first = spawnRunner();
    const run = await startedRun();
    await first.end('SIGKILL');
    letEnd(run.id);
    await until(() => world.hasRecord(run));
    spawnRunner();
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
  });

  it('ends when another runner of its name starts, which goes on with its runs', async () => {
    const first = spawnRunner();
    const run = await startedRun();
    const second = spawnRunner();
    await until(() => !first.isAlive);
    expect(first.child.exitCode).toBe(1);
    expect(first.output).toContain('Another runner named');
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, attempt: 1 });
    expect(second.isAlive).toBe(true);
  });

  it('leaves programs running when it is stopped, and says so', async () => {
    const first = spawnRunner({ LOG_LEVEL: 'info' });
    const run = await startedRun();
    await first.end('SIGTERM');
    expect(first.child.exitCode === 0 || first.child.signalCode === 'SIGTERM').toBe(true);
    expect(first.output).toContain('Programs that go on: 1');
    expect(isAlive(processHandle(run).pid, processHandle(run).startTicks)).toBe(true);
    // Another name: a runner that stopped in order may be followed at once, without waiting for its silence.
    spawnRunner({ RUNNER_NAME: 'other', RUNNER_STALE: '60s' });
    await until(async () => (await world.find(run.id)).runnerName === 'other');
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ exitCode: 7, starts: 1 });
  });

  it('takes over from a frozen runner, whose writes count no more when it wakes', async () => {
    const frozen = spawnRunner({ RUNNER_NAME: 'frozen' });
    const run = await startedRun();
    await world.freeze(frozen);
    spawnRunner({ RUNNER_NAME: 'awake' });
    await until(async () => (await world.find(run.id)).runnerName === 'awake');
    frozen.child.kill('SIGCONT');
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, runnerName: 'awake' });
    expect(life(run.id)).toBe('start\nend\n');
    expect(frozen.isAlive).toBe(true);
  });

  it('carries out a cancel that was asked for while no runner was there', async () => {
    const first = spawnRunner();
    const run = await startedRun();
    await first.end('SIGKILL');
    expect(await world.cancel(run.id, 'Cancelled by Ada')).toBe('stopping');
    spawnRunner();
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada' });
    expect(life(run.id)).toBe('start\n');
  });

  it('lets a success stand that came before the cancel', async () => {
    const first = spawnRunner();
    const run = await startedRun('while [ ! -e end ]; do sleep 0.02; done');
    await first.end('SIGKILL');
    letEnd(run.id);
    await until(() => world.hasRecord(run));
    expect(await world.cancel(run.id, 'Cancelled by Ada')).toBe('stopping');
    spawnRunner();
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'succeeded', exitCode: 0 });
  });

  it('calls a run unknown whose supervisor was killed, and lost when the program is gone', async () => {
    spawnRunner();
    const run = await startedRun();
    process.kill(processHandle(run).pid, 'SIGKILL');
    expect(await world.untilState(run.id, 'unknown')).toMatchObject({ note: expect.stringContaining('How it ends will not be known') });
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'lost', exitCode: null, note: expect.stringContaining('record') });
  });

  it('lets go of an unknown run that a person declares lost, whose place is free then', async () => {
    spawnRunner({ RUNNER_SLOTS: '1' });
    const run = await startedRun();
    process.kill(processHandle(run).pid, 'SIGKILL');
    await world.untilState(run.id, 'unknown');
    expect(await world.store.declareLost(run.id, 'Declared lost by Ada')).toBe('lost');
    const next = await startedRun();
    letEnd(run.id);
    letEnd(next.id);
    expect(await world.untilFinal(next.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
    expect(await world.find(run.id)).toMatchObject({ state: 'lost', note: 'Declared lost by Ada' });
  });

  it('cancels an unknown run', async () => {
    spawnRunner();
    const run = await startedRun();
    process.kill(processHandle(run).pid, 'SIGKILL');
    await world.untilState(run.id, 'unknown');
    await world.cancel(run.id, 'Cancelled by Ada');
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'cancelled' });
    expect(life(run.id)).toBe('start\n');
  });

  it('calls a run lost after a restart of the machine, unless it left its record', async () => {
    const first = spawnRunner();
    const gone = await startedRun();
    const recorded = await startedRun();
    await first.end('SIGKILL');
    letEnd(recorded.id);
    await until(() => world.hasRecord(recorded));
    for (const { id, handle } of [gone, recorded]) {
      await world.dataSource.getRepository(Run).update({ id }, { handle: { ...processHandle({ handle }), bootId: 'earlier/1' } });
    }
    spawnRunner();
    expect(await world.untilFinal(recorded.id)).toMatchObject({ state: 'failed', exitCode: 7 });
    expect(await world.untilFinal(gone.id)).toMatchObject({ state: 'lost', note: expect.stringContaining('restarted') });
    letEnd(gone.id);
  });

  it('counts the time limit by a clock that nobody sets', async () => {
    const first = spawnRunner();
    const run = await startedRun();
    await until(() => existsSync(world.control(run, 'deadline')));
    await first.end('SIGKILL');
    // As if the clock of the database had been put forward by two hours: its limit is one.
    await world.dataSource.query(`UPDATE queue SET started_ms = started_ms - 7200000 WHERE id = ${run.id}`);
    spawnRunner();
    await until(async () => (await world.find(run.id)).fence > run.fence);
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
    expect(life(run.id)).toBe('start\nend\n');
  });

  it('does so too when a runner dies as soon as it has let a program go', async () => {
    const first = spawnRunner({ TEST_CRASH_AT: 'afterGo' });
    const run = await startedRun();
    await until(() => !first.isAlive);
    await world.dataSource.query(`UPDATE queue SET started_ms = started_ms - 7200000 WHERE id = ${run.id}`);
    spawnRunner();
    await until(async () => (await world.find(run.id)).fence > run.fence);
    await sleep(SEVERAL_LOOKS_MS);
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
  });

  it('counts it by the clock of the database where there is no other', async () => {
    const first = spawnRunner();
    const run = await startedRun();
    await until(() => existsSync(world.control(run, 'deadline')));
    await first.end('SIGKILL');
    writeFileSync(world.control(run, 'deadline'), 'another-boot 1\n');
    await world.dataSource.query(`UPDATE queue SET started_ms = started_ms - 7200000 WHERE id = ${run.id}`);
    spawnRunner();
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'timed_out', starts: 1 });
    expect(life(run.id)).toBe('start\n');
  });

  it('takes over from a runner that died before the clock was put back', async () => {
    const first = spawnRunner({ RUNNER_NAME: 'early' });
    const run = await startedRun();
    await first.end('SIGKILL');
    await world.dataSource.query(`UPDATE runners SET beat_ms = beat_ms + 3600000 WHERE name = 'early'`);
    spawnRunner({ RUNNER_NAME: 'late' });
    await until(async () => (await world.find(run.id)).runnerName === 'late');
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
  });

  it('leaves a run of another machine alone, finishes it by its record, and regains it there', async () => {
    const first = spawnRunner({ RUNNER_NAME: 'far' });
    const run = await startedRun();
    await first.end('SIGKILL');
    const runs = world.dataSource.getRepository(Run);
    await runs.update({ id: run.id }, { handle: { ...processHandle(run), ...FAR_AWAY } });
    const near = spawnRunner({ RUNNER_NAME: 'near', RUNNER_SLOTS: '1' });
    await world.dataSource.query(`UPDATE runners SET host = 'far-away', beat_ms = beat_ms - 600000 WHERE name = 'far'`);
    expect(await world.untilState(run.id, 'unknown')).toMatchObject({ note: expect.stringContaining('far-away'), starts: 1 });
    // It takes no place of the runner that cannot see it.
    const other = await startedRun();
    letEnd(other.id);
    await world.untilFinal(other.id);
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
    expect(near.isAlive).toBe(true);
  });

  it('calls its own runs unknown at once where it is on another machine than before, and takes no place for them', async () => {
    await spawnRunner().end();
    const first = spawnRunner();
    const run = await startedRun();
    await first.end('SIGKILL');
    await world.dataSource.getRepository(Run).update({ id: run.id }, { handle: { ...processHandle(run), ...FAR_AWAY } });
    spawnRunner({ RUNNER_SLOTS: '1' });
    expect(await world.untilState(run.id, 'unknown')).toMatchObject({ note: expect.stringContaining('far-away'), runnerName: null });
    const other = await startedRun();
    letEnd(other.id);
    await world.untilFinal(other.id);
    const { fence } = await world.find(run.id);
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, fence: fence + 1 });
  });

  it('goes on with its runs after its machine was given another name', async () => {
    const first = spawnRunner();
    const run = await startedRun();
    await first.end('SIGKILL');
    const { host } = FAR_AWAY;
    await world.dataSource.getRepository(Run).update({ id: run.id }, { handle: { ...processHandle(run), host } });
    spawnRunner();
    await until(async () => (await world.find(run.id)).fence > run.fence);
    await world.cancel(run.id, 'Cancelled by Ada');
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'cancelled', starts: 1 });
    expect(life(run.id)).toBe('start\n');
  });

  it('says so when it does not serve the engine of its run any more, and goes on with it once it does', async () => {
    const first = spawnRunner();
    const run = await startedRun();
    await first.end('SIGKILL');
    const other = spawnRunner({ RUNNER_ENGINES: 'handoff' });
    expect(await world.untilState(run.id, 'unknown')).toMatchObject({ note: expect.stringContaining('RUNNER_ENGINES'), runnerName: null });
    await other.end();
    spawnRunner();
    await world.untilState(run.id, 'running');
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
  });

  it('gives a run back that died before its permission, and one that died after it without having begun', async () => {
    for (const point of ['afterClaim', 'afterPrepare', 'afterAuthorise', 'afterGo']) {
      const id = await world.run('echo start >> life; echo "$SHOWRUNNER_ATTEMPT"');
      const doomed = spawnRunner({ TEST_CRASH_AT: point });
      await until(() => !doomed.isAlive);
      expect(doomed.child.signalCode).toBe('SIGKILL');
      const next = spawnRunner();
      expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', starts: 1 });
      expect([point, life(id)]).toEqual([point, 'start\n']);
      await next.end();
    }
  });

  it('starts nothing twice when a runner that was paused at any point wakes after its run was taken over', async () => {
    for (const point of ['afterPrepare', 'afterAuthorise', 'afterGo'] as const) {
      const paused = spawnRunner({ RUNNER_NAME: 'paused', TEST_CRASH_AT: `${point}:1:pause` });
      const id = await world.run('echo start >> life; echo "$SHOWRUNNER_ATTEMPT"; exit 7');
      await until(() => isStopped(paused));
      const awake = spawnRunner({ RUNNER_NAME: 'awake' });
      const ended = await world.untilFinal(id);
      paused.child.kill('SIGCONT');
      // Its next sign of life shows that it has come round.
      const beat = async () => (await world.dataSource.getRepository(Runner).findOneByOrFail({ name: 'paused' })).beatMs;
      const before = await beat();
      await until(async () => (await beat()) > before);
      expect([point, life(id)]).toEqual([point, 'start\n']);
      expect(await world.find(id)).toEqual(ended);
      expect(ended).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, runnerName: 'awake' });
      await Promise.all([paused.end(), awake.end()]);
    }
  }, 180_000);

  it('refuses to start where programs cannot run, in one line', async () => {
    writeFileSync(join(world.database.folder, 'file'), '');
    const runner = spawnRunner({ RUNS_ROOT: join(world.database.folder, 'file') });
    await until(() => !runner.isAlive);
    expect(runner.child.exitCode).toBe(1);
    expect(runner.output).toMatch(/Programs cannot be run here.*\n$/);
    expect(runner.output).not.toContain('    at ');
    rmSync(join(world.database.folder, 'file'));
  });
});

/** Whether a signal has paused it. */
function isStopped({ child }: RunnerProcess): boolean {
  return /^\d+ \(.*\) T /s.test(readFileSync(`/proc/${child.pid}/stat`, 'latin1'));
}
