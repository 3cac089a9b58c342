import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../../../src/common/queue/run.entity';
import { isAlive } from '../../../src/runner/executors/process-table';
import { processHandle } from '../../factories';
import { compileProduct } from '../../product';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const WAIT_FOR_FILE = 'echo start >> life; while [ ! -e end ]; do sleep 0.02; done; echo end >> life; exit 7';

/**
 * The queue may know less than the files: a commit did not last, a backup was put back, or the folder with the files served another
 * database before. Nothing may start twice for that, and nothing may stay as it is for ever.
 */
describe('a run that began under a permission that the database lost', () => {
  let world: RunnerWorld;
  let stop: (() => Promise<void>) | undefined;

  beforeEach(async () => {
    world = await RunnerWorld.open({ RUNNER_SLOTS: '8' });
    // A database that is put back does not ask its triggers.
    await world.dataSource.query('DROP TRIGGER queue_guard');
    stop = await world.startRunner();
  });
  afterEach(async () => {
    await stop?.();
    await world.close();
  });

  const life = (id: number) => (existsSync(world.results(id, 'life')) ? readFileSync(world.results(id, 'life'), 'utf8') : '');
  const letEnd = (id: number) => writeFileSync(world.results(id, 'end'), '');
  const states = async (id: number) => (await world.events(id)).map(({ toState }) => toState);

  async function begun(over: { timeLimitSeconds?: number } = {}): Promise<Run> {
    const id = await world.run(WAIT_FOR_FILE, {}, over);
    await until(() => life(id) !== '');
    return world.find(id);
  }

  async function stopRunner(): Promise<void> {
    await stop?.();
    stop = undefined;
  }

  const losePermission = ({ id }: Run) =>
    world.dataSource.query(`UPDATE queue SET state = 'starting', starts = 0, handle = NULL, started_ms = NULL WHERE id = ${id}`);
  const putBack = ({ id }: Run, attempt = 0) =>
    world.dataSource.query(
      `UPDATE queue SET state = 'queued', fence = 0, attempt = ${attempt}, starts = 0, handle = NULL, started_ms = NULL, runner_name = NULL
       WHERE id = ${id}`,
    );

  it('is shown as unknown with the evidence, and found running', async () => {
    const run = await begun();
    await stopRunner();
    await losePermission(run);
    stop = await world.startRunner();
    await until(async () => (await states(run.id)).join().endsWith('unknown,unknown,running'));
    const evidence = (await world.events(run.id)).find(({ toState }) => toState === 'unknown')?.note;
    expect(evidence).toContain('the queue has no record of that');
    expect(await world.find(run.id)).toMatchObject({ starts: 1, attempt: 1, handle: run.handle, note: null });
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, attempt: 1 });
    expect(life(run.id)).toBe('start\nend\n');
  });

  it('ends by its record where it ended meanwhile', async () => {
    const run = await begun();
    await stopRunner();
    letEnd(run.id);
    await until(() => world.hasRecord(run));
    await losePermission(run);
    stop = await world.startRunner();
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, attempt: 1 });
  });

  it('is lost, with nothing started, where only the marker says that it began', async () => {
    await stopRunner();
    const id = await world.run('echo start >> life');
    const gone = { name: 'gone', engines: ['process' as const], slots: 8, remoteSlots: 0, cpu: 8000, memory: 8000, gpuIds: [] };
    await world.store.registerRunner({ ...gone, incarnation: 'gone', host: 'gone', bootId: 'x', pokeAddress: null });
    await world.store.claim({ ...gone, incarnation: 'gone' }, 1);
    await world.store.retireRunner({ name: 'gone', incarnation: 'gone' });
    const marker = world.control({ id, attempt: 1 }, 'started');
    mkdirSync(dirname(marker), { recursive: true });
    writeFileSync(marker, 'go');
    stop = await world.startRunner();
    expect(await world.untilFinal(id)).toMatchObject({ state: 'lost', attempt: 1, starts: 1, exitCode: null });
    expect(life(id)).toBe('');
  });

  it('is cancelled when that was asked for before it is discovered', async () => {
    const run = await begun();
    await stopRunner();
    await losePermission(run);
    await world.cancel(run.id, 'Cancelled by Ada');
    stop = await world.startRunner();
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'cancelled', starts: 1, attempt: 1 });
    expect(isAlive(processHandle(run).pid, processHandle(run).startTicks)).toBe(false);
    expect(life(run.id)).toBe('start\n');
  });

  it('is discovered by the runner that follows it, and then heeds a cancel and its time limit', async () => {
    const late = await begun({ timeLimitSeconds: 6 });
    const cancelled = await begun();
    await losePermission(late);
    await losePermission(cancelled);
    await world.cancel(cancelled.id, 'Cancelled by Ada');
    expect(await world.untilFinal(cancelled.id)).toMatchObject({ state: 'cancelled', starts: 1, attempt: 1 });
    expect(await world.untilFinal(late.id)).toMatchObject({ state: 'timed_out', starts: 1, attempt: 1 });
  });

  it('starts no second time, and keeps its results, when the run waits again in a database that was put back', async () => {
    const run = await begun();
    await stopRunner();
    await putBack(run);
    stop = await world.startRunner();
    await until(async () => (await world.find(run.id)).state === 'running');
    expect(await world.find(run.id)).toMatchObject({ starts: 1, attempt: 1, handle: run.handle });
    letEnd(run.id);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, attempt: 1 });
    expect(life(run.id)).toBe('start\nend\n');
  });

  it('is no orphan to a runner that starts before the run is claimed again', async () => {
    const run = await begun();
    await stopRunner();
    await putBack(run);
    const product = compileProduct();
    const runner = world.spawnRunner(product.home, { LOG_LEVEL: 'info' });
    try {
      // It sweeps at its start, and claims nothing.
      await world.store.setRunnerMode(run.runnerName!, 'paused');
      await until(() => runner.output.includes('takes up to'), 60_000);
      await sleep(1500);
      expect(isAlive(processHandle(run).pid, processHandle(run).startTicks)).toBe(true);
      await world.store.setRunnerMode(run.runnerName!, 'active');
      await world.poke();
      await until(async () => (await world.find(run.id)).state === 'running');
      letEnd(run.id);
      expect(await world.untilFinal(run.id)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1, attempt: 1 });
    } finally {
      await runner.end('SIGKILL');
      product.remove();
    }
  }, 120_000);

  it('keeps its results also when it waits for a later attempt', async () => {
    const script = 'echo "$SHOWRUNNER_ATTEMPT" >> life; [ "$SHOWRUNNER_ATTEMPT" = 2 ] || exit 3; while [ ! -e end ]; do sleep 0.02; done';
    const id = await world.run(script, { retry: { on: ['failed'], starts: 2 } });
    await until(async () => (await world.find(id)).attempt === 2 && life(id) === '2\n');
    const run = await world.find(id);
    await stopRunner();
    await putBack(run, 1);
    await world.dataSource.query(`UPDATE queue SET starts = 1 WHERE id = ${id}`);
    stop = await world.startRunner();
    await until(async () => (await world.find(id)).state === 'running');
    expect(life(id)).toBe('2\n');
    letEnd(id);
    expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', starts: 2, attempt: 2 });
    expect(life(id)).toBe('2\n');
  });

  /** What another database left behind that had a run of the same number. */
  function leaveFolderOfAnother(id: number): void {
    const folder = dirname(world.control({ id, attempt: 1 }, 'x'));
    mkdirSync(folder, { recursive: true });
    const handle = { kind: 'process', pid: 1, startTicks: '1', host: 'elsewhere', bootId: 'x' };
    writeFileSync(join(folder, 'started'), 'go');
    writeFileSync(join(folder, 'exit'), '1 0\n');
    writeFileSync(join(folder, 'attempt.json'), JSON.stringify({ submissionId: 'another', handle }));
  }

  it('is told from a run of another database that used the folder before', async () => {
    const first = await begun();
    leaveFolderOfAnother(first.id + 1);
    const id = await world.run('echo mine > mine');
    expect(id).toBe(first.id + 1);
    expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', attempt: 2, starts: 1 });
    expect(readFileSync(world.results(id, 'mine'), 'utf8')).toBe('mine\n');
    letEnd(first.id);
  });

  it('is told from one of another database also when it was being started by a runner that is gone', async () => {
    await stopRunner();
    const id = await world.run('echo mine > mine');
    leaveFolderOfAnother(id);
    await world.dataSource.query(`UPDATE queue SET state = 'starting', fence = 1, attempt = 1, runner_name = 'gone' WHERE id = ${id}`);
    stop = await world.startRunner();
    expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', attempt: 2, starts: 1 });
    expect(existsSync(world.results(id, 'mine'))).toBe(true);
  });
});
