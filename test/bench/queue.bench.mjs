/**
 * The queue: how many runs a second it takes in and carries through, how soon it starts, what it costs while nothing happens, how fair
 * and how exact it is, and how it bears a long history; each on both databases, with events and fairness on and with durable commits
 * (InnoDB flush_log_at_trx_commit=1, SQLite synchronous=FULL), beside other queues where those can be had.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASES, figure, HOME, openInstallation, openServices, percentile } from './harness.mjs';
import { measurePeers } from './peers/peers.mjs';
import { depth, FINISHED } from './queue/depth.mjs';
import { drainRate, drainRateOfTwo, enqueueRates, fairness, pickUpLatencies, violations } from './queue/measures.mjs';
import { withPrograms } from './queue/programs.mjs';
import { run as idle } from './idle.bench.mjs';
import { run as startLatency } from './start-latency.bench.mjs';
import { run as throughput } from './throughput.bench.mjs';

const DURABLE = { sqlite: 'SQLite FULL', mariadb: 'InnoDB flush=1' };
const LEAST = { sqlite: 2000, mariadb: 500 };
const RUNS = { sqlite: 1500, mariadb: 800 };
/** Measures by name; `QUEUE_BENCH=drain,fairness` takes some of them. */
const WANTED = process.env.QUEUE_BENCH?.split(',');
const isWanted = (name) => WANTED === undefined || WANTED.includes(name);

export async function run() {
  const figures = [];
  for (const kind of DATABASES) {
    for (const [name, measure] of Object.entries(MEASURES)) if (isWanted(name)) figures.push(...(await onInstallation(kind, measure)));
  }
  if (isWanted('faults')) figures.push(...doubleStarts());
  if (isWanted('idle')) figures.push(...(await idle()));
  if (isWanted('real')) figures.push(...(await startLatency()), ...(await throughput()));
  if (isWanted('peers')) figures.push(...(await measurePeers()));
  return figures.map((row) => ({ ...row, bench: 'queue' }));
}

/** Each measure has a database of its own, so that none stands on the history of another. */
async function onInstallation(kind, measure) {
  const installation = await openInstallation(kind, { RUNNER_BEAT: '1s', RUNNER_STALE: '60s', STOP_GRACE: '5s' });
  try {
    const services = await openServices(installation);
    const { DataSource } = await import('typeorm');
    const dataSource = services.context.get(DataSource, { strict: false });
    const store = services.service('common/queue/queue-store.js', 'QueueStore');
    try {
      return await measure({ kind, installation, services, store, query: (text) => dataSource.query(text) });
    } finally {
      await services.close();
    }
  } finally {
    await installation.close();
  }
}

const least = (most) => ({ aim: `≥ ${most}`, judge: (value) => value >= most });
const row = (kind, metric, value, unit, more) => figure('queue', `${kind}: ${metric}`, value, unit, more);

const MEASURES = {
  enqueue: async ({ kind, store }) => {
    const { single, bulk } = await enqueueRates(store);
    return [
      row(kind, `enqueue, one after the other (${DURABLE[kind]})`, single, 'runs/s'),
      row(kind, `enqueue, 200 at once (${DURABLE[kind]})`, bulk, 'runs/s'),
    ];
  },

  drain: async ({ kind, installation, store }) => {
    const runs = RUNS[kind];
    return [
      row(kind, `claim → complete, 1 place (${DURABLE[kind]})`, await drainRate(store, 1, runs / 3), 'runs/s'),
      row(kind, `claim → complete, 8 places (${DURABLE[kind]})`, await drainRate(store, 8, runs), 'runs/s', least(LEAST[kind])),
      row(kind, `claim → complete, 2 runners × 8 places (${DURABLE[kind]})`, await drainRateOfTwo(installation, store, runs), 'runs/s'),
    ];
  },

  pickUp: async ({ kind, installation, services, store }) => {
    const times = await pickUpLatencies(installation, services, store);
    return [
      row(kind, 'submit → permission to start, p50', percentile(times, 0.5), 'ms', { most: 8 }),
      row(kind, 'submit → permission to start, p99', percentile(times, 0.99), 'ms', { most: 25 }),
    ];
  },

  fairness: async ({ kind, store }) => {
    const { slots, ms, slotMs } = await fairness(store);
    const aim = { aim: '≤ 1', judge: (value) => value <= 1 };
    return [
      row(kind, 'one person holds 98 %: most starts that any of 20 others waited for', slots, 'starts', aim),
      row(kind, `one person holds 98 %: longest wait of the others, runs of ${slotMs} ms`, ms, 'ms'),
    ];
  },

  violations: async ({ kind, installation, store, query }) => {
    const { runs, limit, gpuTwice } = await violations(installation, store, query);
    return [
      row(kind, `6 processes, limit 3, ${runs} runs: times above the limit`, limit, 'times', { most: 0 }),
      row(kind, '6 processes, 2 GPUs: times that one was given twice', gpuTwice, 'times', { most: 0 }),
    ];
  },

  programs: async ({ kind, installation, services }) => {
    const { seen, ended, restarts } = await withPrograms(installation, services);
    return [
      row(kind, 'cancel → signal in the program, p99', percentile(seen, 0.99), 'ms'),
      row(kind, 'cancel → ended in the queue, p99', percentile(ended, 0.99), 'ms'),
      row(kind, 'runner killed: start of the next → follows all programs, longest', Math.max(...restarts), 'ms', { most: 5000 }),
    ];
  },

  depth: async ({ kind, installation, services, store, query }) => {
    const { shallow, deep, readMs } = await depth(installation, services, store, query);
    const most = { peer: `${shallow.toFixed(0)} runs/s when empty`, peerValue: shallow, aim: '≥ 0.9', judge: (ratio) => ratio >= 0.9 };
    return [
      row(kind, `claim → complete, 8 places, ${FINISHED} finished and 10000 waiting`, deep, 'runs/s', most),
      row(kind, `read of one claim at that depth, p50`, readMs, 'ms', { most: 2 }),
    ];
  },
};

/** What `npm run campaign faults` found, if it has run here. */
function doubleStarts() {
  const path = join(HOME, 'test', '.tmp', 'campaign-reports.jsonl');
  if (!existsSync(path)) {
    process.stdout.write('Double starts under faults: run "npm run campaign faults" first; its report is read here.\n');
    return [];
  }
  const reports = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const runs = reports.reduce((sum, report) => sum + report.runs, 0);
  const doubles = reports
    .flatMap((report) => report.faults)
    .filter((fault) => /started (twice|\d+ times)|alive at once/.test(fault)).length;
  if (runs === 0) return [];
  return [figure('queue', `double starts per 1000 of ${runs} runs under faults`, (doubles / runs) * 1000, 'runs', { most: 0 })];
}
