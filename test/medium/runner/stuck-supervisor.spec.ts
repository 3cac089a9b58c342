import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Run } from '../../../src/common/queue/run.entity';
import { isAlive } from '../../../src/runner/executors/process-table';
import { processHandle } from '../../factories';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

/** Goes on for ever; says once that it has begun. */
const STOP_IT_ALL_THE_TIME = 'while :; do kill -STOP $PPID; touch begun; sleep 0.01; done';

let world: RunnerWorld;
let stopRunner: () => Promise<void>;

beforeAll(async () => {
  world = await RunnerWorld.open({ RUNNER_SLOTS: '4' });
  stopRunner = await world.startRunner();
});
afterAll(async () => {
  await stopRunner();
  await world.close();
});

async function untilBegun(id: number): Promise<Run> {
  await until(() => existsSync(world.results(id, 'begun')));
  return world.untilState(id, 'running');
}

it('a program that stops its supervisor and ends is recorded all the same, by a runner that takes over too', async () => {
  const id = await world.run('kill -STOP $PPID; exit 7');
  expect(await world.untilFinal(id)).toMatchObject({ state: 'failed', exitCode: 7 });
  const adopted = await world.run('touch begun; while [ ! -e ../end ]; do sleep 0.02; done; kill -STOP $PPID; exit 0');
  await untilBegun(adopted);
  await stopRunner();
  stopRunner = await world.startRunner();
  writeFileSync(world.results(adopted, '../end'), '');
  expect((await world.untilFinal(adopted)).state).toBe('succeeded');
}, 60_000);

it('a program that stops its supervisor again and again is cancelled, and ended at its time limit', async () => {
  const cancelled = await world.run(STOP_IT_ALL_THE_TIME);
  const late = await world.run(STOP_IT_ALL_THE_TIME, {}, { timeLimitSeconds: 2 });
  await untilBegun(cancelled);
  await world.cancel(cancelled, 'Cancelled by Ada.');
  expect((await world.untilFinal(cancelled)).state).toBe('cancelled');
  expect((await world.untilFinal(late)).state).toBe('timed_out');
}, 60_000);

it('a supervisor that can never write its record is ended once its program is gone', async () => {
  const id = await world.run('trap "" TERM; touch begun; while :; do sleep 0.1; done');
  const run = await untilBegun(id);
  const { pid, startTicks } = processHandle(run);
  rmSync(world.control(run, 'exit'));
  symlinkSync('/nowhere/exit', world.control(run, 'exit'));
  await world.cancel(id, 'Cancelled by Ada.');
  expect((await world.untilFinal(id)).state).toBe('cancelled');
  await until(() => !isAlive(pid, startTicks));
  expect(readFileSync(world.control(run, 'started'), 'utf8')).toBe('go');
}, 60_000);
