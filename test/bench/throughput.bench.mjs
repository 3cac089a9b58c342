/** 300 trivial runs end to end, everything kept (rows, events, folders, logs, exit records), against `xargs -P 2` with the same script. */
import { spawn, spawnSync } from 'node:child_process';
import { DATABASES, addProject, addScript, figure, newRun, openInstallation, openServices, until } from './harness.mjs';

const RUNS = 300;
const PLACES = 2;
const SCRIPT = '#!/bin/sh\n##~~ word - anything\necho "$1" >/dev/null\n';

export async function run() {
  const figures = [];
  for (const kind of DATABASES) figures.push(...(await measure(kind)));
  return figures;
}

async function measure(kind) {
  const installation = await openInstallation(kind, { RUNNER_SLOTS: String(PLACES) });
  try {
    const script = addScript(installation, 'trivial.sh', SCRIPT);
    const xargs = bareSeconds(script);
    const spawner = await spawnerSeconds(script);
    const services = await openServices(installation);
    const project = await addProject(services, installation);
    const store = services.service('common/queue/queue-store.js', 'QueueStore');
    const runs = services.service('common/queue/queue-figures.repository.js', 'QueueFiguresRepository');
    for (let number = 0; number < RUNS; number += 1)
      await store.enqueue(await newRun(services, project, 'trivial', { word: String(number) }));
    // Counted from the runner's first claim, so that its own boot (paid once a day) is left out.
    installation.start('runner');
    await until(async () => (await runs.countsByState()).queued < RUNS, 30_000, 'the first claim');
    const begin = performance.now();
    await until(async () => Object.values(await runs.countsByState()).every((count) => count === 0), 180_000, 'the last run');
    const seconds = (performance.now() - begin) / 1000;
    await services.close();
    return [
      figure('throughput', `${kind}: ${RUNS} trivial runs, ${PLACES} places`, seconds, 's', {
        peer: `xargs -P ${PLACES} ${xargs.toFixed(2)} s`,
        peerValue: xargs,
      }),
      figure('throughput', `${kind}: the same against a spawner without a queue`, seconds, 's', {
        peer: `spawner ${spawner.toFixed(2)} s`,
        peerValue: spawner,
      }),
    ];
  } finally {
    await installation.close();
  }
}

function bareSeconds(script) {
  const begin = performance.now();
  spawnSync('xargs', ['-P', String(PLACES), '-n', '1', script], { input: Array.from({ length: RUNS }, (_, index) => index).join('\n') });
  return (performance.now() - begin) / 1000;
}

/** Node that starts the same script 300 times, two at once, and remembers nothing. */
async function spawnerSeconds(script) {
  const begin = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < RUNS) {
      const child = spawn(script, [String(next++)], { stdio: 'ignore' });
      await new Promise((resolve) => child.once('exit', resolve));
    }
  };
  await Promise.all(Array.from({ length: PLACES }, lane));
  return (performance.now() - begin) / 1000;
}
