/** From the call that submits a run to the first instruction of its program, with a real process and an idle runner. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DATABASES, addProject, addScript, figure, newRun, openInstallation, openServices, percentile, until } from './harness.mjs';

const RUNS = 100;
const MOST_MS = { sqlite: 20, mariadb: 30 };
const SCRIPT = `#!/bin/bash
echo "$EPOCHREALTIME" >"$1.part"; mv "$1.part" "$1"
##~~ mark - file that receives the time of the first instruction
`;

export async function run() {
  const figures = [];
  for (const kind of DATABASES) figures.push(...(await measure(kind)));
  return figures;
}

async function measure(kind) {
  const installation = await openInstallation(kind);
  try {
    const script = addScript(installation, 'stamp.sh', SCRIPT);
    const bare = await bareSpawn(script, installation.folder);
    installation.start('runner');
    const services = await openServices(installation);
    const project = await addProject(services, installation);
    const store = services.service('common/queue/queue-store.js', 'QueueStore');
    const poke = services.service('common/queue/poke.service.js', 'Poke');
    await until(() => runnerAlive(services), 20_000, 'a living runner');
    const latencies = [];
    for (let number = 0; number < RUNS + 5; number += 1) {
      const mark = join(installation.folder, `mark-${number}`);
      const asked = await newRun(services, project, 'stamp', { mark });
      const begin = epochMs();
      await store.enqueue(asked);
      await poke.pokeRunners();
      await until(() => existsSync(mark), 20_000, 'the mark of a run');
      if (number >= 5) latencies.push(stamp(mark) - begin);
      await sleep(20);
    }
    await services.close();
    const peer = `bare spawn ${percentile(bare, 0.5).toFixed(1)} ms`;
    return [
      figure('start-latency', `${kind}: submit → first instruction, p50`, percentile(latencies, 0.5), 'ms', {
        peer,
        aim: `≤ ${MOST_MS[kind]} ms`,
        judge: null,
      }),
      figure('start-latency', `${kind}: submit → first instruction, p99`, percentile(latencies, 0.99), 'ms', { peer }),
    ].map((row) => ({ ...row, ratio: row.value / percentile(bare, 0.5), met: row.aim === null ? null : row.value <= MOST_MS[kind] }));
  } finally {
    await installation.close();
  }
}

async function bareSpawn(script, folder) {
  const latencies = [];
  for (let number = 0; number < 40; number += 1) {
    const mark = join(folder, `bare-${number}`);
    const begin = epochMs();
    const child = spawn(script, [mark], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('exit', resolve));
    latencies.push(stamp(mark) - begin);
  }
  return latencies;
}

async function runnerAlive(services) {
  const runs = services.service('common/queue/queue-figures.repository.js', 'QueueFiguresRepository');
  return (await runs.aliveRunners(60)).length > 0;
}

/** The wall clock with microseconds, as bash's EPOCHREALTIME has it. */
function epochMs() {
  return performance.timeOrigin + performance.now();
}

function stamp(path) {
  return Number(readFileSync(path, 'utf8').trim().replace(',', '.')) * 1000;
}
