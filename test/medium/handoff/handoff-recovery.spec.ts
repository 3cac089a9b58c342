import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileProduct, type Product } from '../../product';
import { HandoffHost } from '../../handoff-host';
import { RunnerWorld, type RunnerProcess } from '../../runner-world';
import { until } from '../../until';

const JOURNAL = 'echo start >> "$1/life"; while [ ! -e "$1/end" ]; do sleep 0.02; done; echo end >> "$1/life"; echo said; exit 7';

/** Each starts several runners, on a machine that may be busy. */
const LONG_MS = 90_000;

describe('a hand-off whose runner is killed', () => {
  let world: RunnerWorld;
  let product: Product;
  let host: HandoffHost;
  const processes: RunnerProcess[] = [];

  beforeAll(async () => {
    product = compileProduct();
    world = await RunnerWorld.open({ RUNNER_ENGINES: 'handoff', RUNNER_STALE: '1s', RUNNER_BEAT: '0.3s' });
    host = new HandoffHost(join(world.database.folder, 'handoff'));
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')));
  });
  afterAll(async () => {
    await host.close();
    await world.close();
    product.remove();
  });

  function spawnRunner(settings: Record<string, string> = {}): RunnerProcess {
    const runner = world.spawnRunner(product.home, settings);
    processes.push(runner);
    return runner;
  }
  const submit = (over: Parameters<HandoffHost['manifest']>[1] = {}) =>
    world.submit('shell', host.manifest(JOURNAL, over), { engine: 'handoff' });
  const life = (runId: number) => (existsSync(world.results(runId, 'life')) ? readFileSync(world.results(runId, 'life'), 'utf8') : '');
  const letEnd = (runId: number) => writeFileSync(world.results(runId, 'end'), '');

  it(
    'starts each run once, at whatever point that happens, with another runner that goes on',
    async () => {
      const all: { runId: number; host: HandoffHost }[] = [];
      for (const point of ['afterClaim', 'afterPrepare', 'afterAuthorise', 'afterGo', 'whileRunning']) {
        const own = new HandoffHost(join(world.database.folder, point));
        own.start();
        const runId = await world.submit('shell', own.manifest(JOURNAL), { engine: 'handoff' });
        all.push({ runId, host: own });
        // None of those that die goes on with what an earlier one had.
        const dies = spawnRunner({ TEST_CRASH_AT: point, RUNNER_NAME: point, RUNNER_STALE: '1h' });
        await until(() => !dies.isAlive, 30_000);
        expect(await world.find(runId)).toMatchObject({ runnerName: point });
      }
      spawnRunner({ RUNNER_NAME: 'lives' });
      for (const { runId } of all) {
        await until(() => life(runId) !== '', 30_000);
        letEnd(runId);
      }
      for (const { runId, host: own } of all) {
        expect(await world.untilFinal(runId)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
        expect(life(runId)).toBe('start\nend\n');
        expect(world.log(await world.find(runId))).toBe('said\n');
        await own.close();
      }
    },
    2 * LONG_MS,
  );

  it(
    'reads the end that came while no runner was there, also when it was killed in the middle of writing it down',
    async () => {
      host.start();
      const first = spawnRunner({ RUNNER_NAME: 'first' });
      const runId = await submit();
      await until(() => life(runId) !== '');
      await first.end('SIGKILL');
      letEnd(runId);
      await until(() => host.ownNames().some((name) => name.startsWith(`${runId}-`) && name.endsWith('.exit')));
      const second = spawnRunner({ TEST_CRASH_AT: 'afterExit', RUNNER_NAME: 'second' });
      await until(() => !second.isAlive, 20_000);
      spawnRunner({ RUNNER_NAME: 'third' });
      expect(await world.untilFinal(runId)).toMatchObject({ state: 'failed', exitCode: 7, starts: 1 });
      expect(life(runId)).toBe('start\nend\n');
      await host.close();
    },
    LONG_MS,
  );

  it(
    'takes back what waits for its launcher, and cancels what waits in line, after a take-over',
    async () => {
      const first = spawnRunner({ RUNNER_NAME: 'before' });
      const ahead = await submit();
      await until(() => existsSync(host.path('pipex_batch_list.txt')));
      const behind = await submit();
      await until(async () => ((await world.find(behind)).engineNote ?? '').includes(`#${ahead}`));
      await first.end('SIGKILL');
      await world.cancel(behind, 'Cancelled by Ada');
      await world.cancel(ahead, 'Cancelled by Ada');
      spawnRunner({ RUNNER_NAME: 'after' });
      expect(await world.untilFinal(ahead)).toMatchObject({ state: 'cancelled' });
      expect(await world.untilFinal(behind)).toMatchObject({ state: 'cancelled' });
      expect(host.fetch()).toBeNull();
      host.start();
      const next = await submit();
      await until(() => life(next) !== '');
      letEnd(next);
      await world.untilFinal(next);
      expect([life(ahead), life(behind)]).toEqual(['', '']);
    },
    LONG_MS,
  );
});
