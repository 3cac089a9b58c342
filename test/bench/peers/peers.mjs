/** Other queues beside ours in the same run: graphile-worker and pg-boss on PostgreSQL, each with its own defaults but for what is said. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { figure, until } from '../harness.mjs';
import { findPostgres, startPostgres } from './postgres.mjs';

const FOLDER = join(tmpdir(), 'showrunner-bench-peers');
const SINGLE = 300;
const RUNS = 2000;
const PAYLOAD = { input: 'project:slides/spleen-4.tif', sigma: 1.5, kernel: 'gauss', note: 'x'.repeat(80) };
const PLACES = 8;

/** @returns figures of what could be measured; says in a line what could not. */
export async function measurePeers() {
  const programs = findPostgres();
  if (!programs) return skip('there is no PostgreSQL (Debian: apt-get install postgresql)');
  if (!install()) return skip('their packages could not be installed');
  const server = await startPostgres(programs);
  try {
    return [...(await measure('graphile-worker', graphile, server)), ...(await measure('pg-boss', boss, server))];
  } finally {
    await server.stop();
  }
}

function skip(reason) {
  process.stdout.write(`Peers are left out: ${reason}.\n`);
  return [];
}

function install() {
  mkdirSync(FOLDER, { recursive: true });
  copyFileSync(join(import.meta.dirname, 'package.json'), join(FOLDER, 'package.json'));
  if (existsSync(join(FOLDER, 'node_modules', 'pg-boss')) && existsSync(join(FOLDER, 'node_modules', 'graphile-worker'))) return true;
  const words = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', '--prefix', FOLDER];
  return spawnSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 180_000 }).status === 0;
}

async function measure(name, open, server) {
  const peer = await open(server.connectionString);
  try {
    const single = await rate(SINGLE, async () => {
      for (let count = 0; count < SINGLE; count += 1) await peer.add();
    });
    for (let count = SINGLE; count < RUNS; count += 1) await peer.add();
    const drained = await rate(RUNS, async () => {
      await peer.work();
      await until(() => peer.done() >= RUNS, 180_000, `the jobs of ${name}`);
    });
    return [
      figure('queue', `peer ${name}: enqueue, one after the other (PostgreSQL, fsync on)`, single, 'runs/s'),
      figure('queue', `peer ${name}: claim → complete, ${PLACES} places${peer.remark}`, drained, 'runs/s'),
    ];
  } finally {
    await peer.close();
  }
}

async function rate(count, work) {
  const begin = performance.now();
  await work();
  return (count / (performance.now() - begin)) * 1000;
}

async function load(name) {
  return import(pathToFileURL(createRequire(join(FOLDER, 'package.json')).resolve(name)).href);
}

async function graphile(connectionString) {
  const { makeWorkerUtils, run, Logger } = await load('graphile-worker');
  const logger = new Logger(() => () => undefined);
  const utilities = await makeWorkerUtils({ connectionString, logger });
  await utilities.migrate();
  let done = 0;
  let runner;
  return {
    remark: '',
    add: () => utilities.addJob('noop', PAYLOAD),
    work: async () => {
      const taskList = { noop: () => void (done += 1) };
      runner = await run({ connectionString, logger, concurrency: PLACES, noHandleSignals: true, taskList });
    },
    done: () => done,
    close: async () => {
      await runner?.stop();
      await utilities.release();
    },
  };
}

async function boss(connectionString) {
  const { PgBoss } = await load('pg-boss');
  const queue = new PgBoss({ connectionString });
  queue.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await queue.start();
  await queue.createQueue('noop');
  let done = 0;
  const settings = { batchSize: PLACES, pollingIntervalSeconds: 0.5 };
  return {
    remark: ', batches of 8, polling every 0.5 s',
    add: () => queue.send('noop', PAYLOAD),
    work: async () => {
      await queue.work('noop', settings, (jobs) => Promise.resolve((done += jobs.length)));
    },
    done: () => done,
    close: () => queue.stop({ graceful: false }),
  };
}
