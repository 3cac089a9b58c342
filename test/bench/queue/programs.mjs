/** The measures that need real runners with real programs: how soon a cancel is seen, and how soon a new runner follows what the old one left. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addProject, addScript, newRun, terminate, until } from '../harness.mjs';

const SCRIPT = `#!/bin/bash
##~~ mark - where it tells of its start and of its end
trap 'echo "$EPOCHREALTIME" >"$1.asked"; exit 0' TERM
echo "$EPOCHREALTIME" >"$1.begun"
while :; do sleep 0.05 & wait; done
`;
const CANCELS = 30;
const PLACES = 5;
const RESTARTS = 4;

/** @returns milliseconds: from the click to the signal in the program, to the end in the queue; from the start of a runner to the take-over. */
export async function withPrograms(installation, services) {
  addScript(installation, 'patient.sh', SCRIPT);
  const project = await addProject(services, installation);
  const store = services.service('common/queue/queue-store.js', 'QueueStore');
  const runs = services.service('common/queue/runs.repository.js', 'RunsRepository');
  const poke = services.service('common/queue/poke.service.js', 'Poke');
  let serial = 0;
  const begin = async () => {
    const mark = join(installation.folder, `patient-${(serial += 1)}`);
    const { runId } = await store.enqueue(await newRun(services, project, 'patient', { mark }));
    await poke.pokeRunners();
    await until(() => existsSync(`${mark}.begun`), 30_000, 'a program');
    await until(async () => (await runs.find(runId)).state === 'running', 30_000, 'a running run');
    return { runId, mark };
  };
  const cancel = async ({ runId, mark }) => {
    const clickedMs = performance.timeOrigin + performance.now();
    await store.requestCancel(runId, 'Cancelled by the benchmark.');
    await poke.pokeRunners();
    await until(async () => (await runs.find(runId)).finishedMs !== null, 30_000, 'an end');
    const endedMs = performance.timeOrigin + performance.now();
    return { seen: stamp(`${mark}.asked`) - clickedMs, ended: endedMs - clickedMs };
  };

  let runner = installation.start('runner', { RUNNER_SLOTS: String(PLACES) });
  const cancels = [];
  for (let count = 0; count < CANCELS; count += 1) {
    const run = await begin();
    // The runner has to have seen it run: a cancel in the moment of the start is another matter.
    await sleep(100);
    cancels.push(await cancel(run));
  }

  const held = [];
  for (let place = 0; place < PLACES; place += 1) held.push(await begin());
  const restarts = [];
  for (let count = 0; count < RESTARTS; count += 1) {
    const before = await Promise.all(held.map(({ runId }) => runs.find(runId)));
    runner.kill('SIGKILL');
    await until(() => runner.signalCode !== null, 5000, 'the end of the runner');
    const startMs = performance.now();
    runner = installation.start('runner', { RUNNER_SLOTS: String(PLACES) });
    await until(
      async () => (await Promise.all(before.map(async ({ id, fence }) => (await runs.find(id)).fence > fence))).every(Boolean),
      60_000,
      'the take-over',
    );
    restarts.push(performance.now() - startMs);
  }
  for (const run of held) await cancel(run);
  await terminate(runner);
  return { seen: cancels.map(({ seen }) => seen), ended: cancels.map(({ ended }) => ended), restarts };
}

function stamp(path) {
  return Number(readFileSync(path, 'utf8').trim().replace(',', '.')) * 1000;
}
