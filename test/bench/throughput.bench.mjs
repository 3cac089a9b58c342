/**
 * Many runs end to end, everything kept (rows, events, folders, logs, exit records), against `xargs -P 2` with the same program, which
 * keeps nothing: for programs that do nothing at all, where only the overhead counts, and for some that take as long as those of people.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DATABASES, HOME, addProject, addScript, figure, newRun, openInstallation, openServices, terminate, until } from './harness.mjs';

const PLACES = 2;
const LOOK_MS = 20;
const KINDS = [
  { name: 'trivial', runs: 300, body: 'echo "$1" >/dev/null', words: 'programs that do nothing', aim: null },
  { name: 'tenth', runs: 60, body: 'sleep 0.1', words: 'programs of 100 ms', aim: 2 },
  { name: 'second', runs: 10, body: 'sleep 1', words: 'programs of 1 s', aim: 2 },
];
const require = createRequire(import.meta.url);

export async function run() {
  const figures = [];
  for (const kind of DATABASES) figures.push(...(await measure(kind)));
  return figures;
}

async function measure(database) {
  const installation = await openInstallation(database, { RUNNER_SLOTS: String(PLACES) });
  try {
    const scripts = KINDS.map(({ name, body }) => addScript(installation, `${name}.sh`, `#!/bin/sh\n##~~ word - anything\n${body}\n`));
    const services = await openServices(installation);
    const project = await addProject(services, installation);
    const figures = [];
    for (const [index, kind] of KINDS.entries()) {
      const xargs = xargsSeconds(scripts[index], kind.runs);
      const queue = await throughQueue(installation, services, project, kind);
      const what = `${database}: ${kind.runs} ${kind.words}, ${PLACES} places`;
      figures.push(figure('throughput', what, queue, 's', { ...peer(`xargs -P ${PLACES}`, xargs), most: kind.aim }));
      if (kind.name !== 'trivial') continue;
      const supervised = await supervisedSeconds(installation, scripts[index], kind.runs);
      const bare = await spawnedSeconds(scripts[index], kind.runs);
      figures.push(
        figure('throughput', `${what}, against Node's spawn`, queue, 's', peer('spawn at once', bare)),
        figure('throughput', `${what}, against its supervisor alone`, queue, 's', peer('supervised at once', supervised)),
      );
    }
    await services.close();
    return figures;
  } finally {
    await installation.close();
  }
}

function peer(name, seconds) {
  return { peer: `${name} ${seconds.toFixed(2)} s`, peerValue: seconds };
}

/** All runs wait before the runner starts; counted from its first claim, so that its own boot (paid once a day) is left out. */
async function throughQueue(installation, services, project, { name, runs: count }) {
  const store = services.service('common/queue/queue-store.js', 'QueueStore');
  const figures = services.service('common/queue/queue-figures.repository.js', 'QueueFiguresRepository');
  for (let word = 0; word < count; word += 1) await store.enqueue(await newRun(services, project, name, { word: String(word) }));
  const runner = installation.start('runner');
  await until(async () => (await figures.countsByState()).queued < count, 30_000, 'the first claim');
  const begin = performance.now();
  // Seldom, because whoever looks takes time from who is looked at.
  while (Object.values(await figures.countsByState()).some((left) => left > 0)) await sleep(LOOK_MS);
  const seconds = (performance.now() - begin) / 1000;
  await terminate(runner);
  return seconds;
}

function xargsSeconds(script, count) {
  const begin = performance.now();
  spawnSync('xargs', ['-P', String(PLACES), '-n', '1', script], { input: Array.from({ length: count }, (_, word) => word).join('\n') });
  return (performance.now() - begin) / 1000;
}

/** Node that starts the same script as often, two at once, and remembers nothing. */
function spawnedSeconds(script, count) {
  return inLanes(count, async (word) => {
    const child = spawn(script, [String(word)], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('exit', resolve));
  });
}

/** The executor of the runner without a queue: held start, limits, log, durable exit record, removal of what was left behind. */
async function supervisedSeconds(installation, script, count) {
  const { ProcessExecutor } = require(join(HOME, 'dist/runner/executors/process-executor.js'));
  const { readConfig } = require(join(HOME, 'dist/common/config/app-config.js'));
  const executor = new ProcessExecutor(readConfig({ ...installation.environment, RUNS_ROOT: join(installation.folder, 'bare') }));
  const seconds = await inLanes(count, async (word) => {
    const folder = join(installation.folder, 'bare', String(word));
    mkdirSync(folder, { recursive: true });
    const argv = [script, String(word)];
    const places = { folder, cwd: folder, projectFolder: folder, pipelineFolder: folder };
    const amounts = { needs: { cpu: 1000, memory: 0, gpus: 0 }, limits: {}, gpuIds: [], timeLimitSeconds: 60 };
    const runtime = { kind: 'process', command: argv, env: {} };
    const assignment = { runId: word + 1, attempt: 1, runtime, argv, inputs: [], env: {}, ...places, ...amounts };
    const held = await executor.prepare(assignment);
    await held.go();
    const execution = { ...assignment, engine: 'process', handle: held.handle };
    await executor.change(execution, AbortSignal.timeout(60_000));
    await executor.sweep(execution);
    if (!readFileSync(join(folder, 'exit'), 'utf8').startsWith('1 0\n')) throw new Error(`run ${word} left no record`);
  });
  executor.onApplicationShutdown();
  return seconds;
}

async function inLanes(count, work) {
  const begin = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: PLACES }, lane));
  return (performance.now() - begin) / 1000;
}
