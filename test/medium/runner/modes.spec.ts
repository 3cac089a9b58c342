import { existsSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { RunEvent, Runner } from '../../../src/common/queue/run.entity';
import { compileProduct, type Product } from '../../product';
import { RunnerWorld, type RunnerProcess } from '../../runner-world';
import { until } from '../../until';

const WAIT_FOR_FILE = 'touch begun; while [ ! -e end ]; do sleep 0.02; done';
const NAME = { RUNNER_NAME: 'modal' };

let world: RunnerWorld;
let product: Product;
const processes: RunnerProcess[] = [];

beforeAll(async () => {
  product = compileProduct();
  world = await RunnerWorld.open({ RUNNER_SLOTS: '4' });
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')));
});
afterAll(async () => {
  await world.close();
  product.remove();
});

async function spawnRunner(): Promise<RunnerProcess> {
  const runner = world.spawnRunner(product.home, { ...NAME, LOG_LEVEL: 'info' });
  processes.push(runner);
  await until(() => runner.output.includes('Runner modal takes'));
  return runner;
}

const row = () => world.dataSource.getRepository(Runner).findOneByOrFail({ name: 'modal' });

/** As the pages and the commands do: the mode, and a poke. */
async function tell(mode: Runner['mode']): Promise<void> {
  expect(await world.store.setRunnerMode('modal', mode)).toBe(true);
  await world.poke();
}

it('a paused runner finishes what it has, takes nothing, stays paused after a restart, and takes what waits once resumed', async () => {
  const first = await spawnRunner();
  const begun = await world.run(WAIT_FOR_FILE);
  await until(() => existsSync(world.results(begun, 'begun')));
  await tell('paused');
  await until(() => first.output.includes('Paused'));
  const waiting = await world.run('exit 0');
  writeFileSync(world.results(begun, 'end'), '');
  expect((await world.untilFinal(begun)).state).toBe('succeeded');
  expect((await world.find(waiting)).state).toBe('queued');
  await first.end();

  const second = await spawnRunner();
  await until(() => second.output.includes('Paused'));
  expect((await world.find(waiting)).state).toBe('queued');
  await tell('active');
  expect((await world.untilFinal(waiting)).state).toBe('succeeded');
}, 60_000);

it('a draining runner ends with status 0 after its last run, is shown as stopped, and is paused until it is resumed when it is started', async () => {
  const first = await spawnRunner();
  const ended = once(first.child, 'exit');
  const begun = await world.run(WAIT_FOR_FILE);
  await until(() => existsSync(world.results(begun, 'begun')));
  await tell('draining');
  await until(() => first.output.includes('Draining'));
  const waiting = await world.run('exit 0');
  expect(first.isAlive).toBe(true);
  writeFileSync(world.results(begun, 'end'), '');
  expect(await ended).toEqual([0, null]);
  expect((await world.find(begun)).state).toBe('succeeded');
  expect((await world.find(waiting)).state).toBe('queued');
  expect(await row()).toMatchObject({ stopped: true });

  const second = await spawnRunner();
  await until(() => second.output.includes('Paused'));
  expect(await row()).toMatchObject({ stopped: false, mode: 'paused' });
  expect((await world.find(waiting)).state).toBe('queued');
  await tell('active');
  expect((await world.untilFinal(waiting)).state).toBe('succeeded');
}, 60_000);

it('a runner that is killed in the middle of a drain drains on when it is started again', async () => {
  const first = await spawnRunner();
  const begun = await world.run(WAIT_FOR_FILE);
  await until(() => existsSync(world.results(begun, 'begun')));
  await tell('draining');
  await until(() => first.output.includes('Draining'));
  const waiting = await world.run('exit 0');
  await first.end('SIGKILL');
  const second = await spawnRunner();
  const ended = once(second.child, 'exit');
  writeFileSync(world.results(begun, 'end'), '');
  expect(await ended).toEqual([0, null]);
  expect((await world.find(begun)).state).toBe('succeeded');
  expect((await world.find(waiting)).state).toBe('queued');
  await tell('active');
  await spawnRunner();
  expect((await world.untilFinal(waiting)).state).toBe('succeeded');
}, 60_000);

it('a draining runner that has nothing to do ends at once', async () => {
  const runner = await spawnRunner();
  const ended = once(runner.child, 'exit');
  await tell('draining');
  expect(await ended).toEqual([0, null]);
  await tell('active');
});

it('sees by looking what nobody poked it for: a run, a cancel, news to be mailed', async () => {
  await spawnRunner();
  await tell('paused');
  await world.dataSource.query('UPDATE runners SET poke_address = NULL');
  const cancelled = await world.run('exit 0');
  await world.cancel(cancelled, 'Cancelled by Ada.');
  const news = world.dataSource.getRepository(RunEvent);
  await until(async () => (await news.countBy({ mailed: false })) === 0);
  await tell('active');
  expect((await world.untilFinal(await world.run('exit 0'))).state).toBe('succeeded');
  const running = await world.run('sleep 60');
  await world.untilState(running, 'running');
  await world.cancel(running, 'Cancelled by Ada.');
  expect((await world.untilFinal(running)).state).toBe('cancelled');
}, 60_000);
