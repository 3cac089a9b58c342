/**
 * Five minutes of a full house: 200 people who each open a page every five seconds, 10 uploads of 20 MB and 20 submits a minute, and
 * 1,000 event streams that stay open. The people are a process of their own, whose CPU is told, since it takes from the same cores.
 * BENCH_LOAD_SECONDS=60 makes it short.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilAnswers } from './files/client.mjs';
import { DATABASES, addScript, cpuSeconds, figure, freePort, openInstallation, residentMiB } from './harness.mjs';

const SECONDS = Number(process.env.BENCH_LOAD_SECONDS ?? 300);
const LOOK_MS = 2000;
/** Memory of the last third beside that of the middle one: what grows on and on shows there. */
const MOST_GROWTH = 1.1;
const MOST_PAGE_MS = 300;

export async function run() {
  const figures = [];
  for (const kind of DATABASES) figures.push(...(await measure(kind)));
  return figures;
}

async function measure(kind) {
  const port = await freePort();
  const installation = await openInstallation(kind, { PORT: String(port), GUEST_SPACE: '0', USER_SPACE: '0', RUNNER_SLOTS: '2' });
  addScript(installation, 'short.sh', '#!/bin/sh\n##~~ words - what it says\n##~~ output - where\nsleep 0.2; echo "$1" > "$2"\n');
  const web = installation.start('web');
  installation.start('runner');
  try {
    await untilAnswers(port, '/readyz');
    return await underLoad(kind, port, web);
  } finally {
    await installation.close();
  }
}

async function underLoad(kind, port, web) {
  const people = spawn(process.execPath, [join(import.meta.dirname, 'load', 'people.mjs'), String(port), String(SECONDS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = [];
  people.stdout.on('data', (piece) => printed.push(piece));
  const ended = new Promise((resolve) => people.once('exit', resolve));
  const memory = [];
  let webCpu = 0;
  do {
    memory.push(residentMiB(web.pid));
    webCpu = cpuSeconds(web.pid);
  } while (await Promise.race([ended.then(() => false), sleep(LOOK_MS, true)]));
  if ((await ended) !== 0) throw new Error('the people ended with an error');
  return figuresOf(kind, JSON.parse(Buffer.concat(printed).toString('utf8')), { memory, webCpu });
}

function figuresOf(kind, found, { memory, webCpu }) {
  const bench = `load, ${kind}`;
  for (const error of found.errors.slice(0, 10)) process.stderr.write(`${bench}: ${error}\n`);
  const third = Math.floor(memory.length / 3);
  const [middle, last] = [median(memory.slice(third, 2 * third)), median(memory.slice(-third))];
  return [
    figure(bench, `errors of ${found.asked} requests`, found.errors.length, '', { most: 0 }),
    figure(bench, `pages, p95 of ${found.pages.count}`, found.pages.p95, 'ms', { most: MOST_PAGE_MS }),
    figure(bench, 'pages, median', found.pages.median, 'ms'),
    figure(bench, `uploads of 20 MB, p95 of ${found.uploads.count}`, found.uploads.p95, 'ms'),
    figure(bench, `submits, p95 of ${found.submits.count}`, found.submits.p95, 'ms'),
    figure(bench, 'event streams held to the end', found.streams, '', { aim: '≥ 1000', judge: (value) => value >= 1000 }),
    figure(bench, 'events heard', found.events, ''),
    figure(bench, 'memory of web, last third', last, 'MiB', { peer: 'middle third', peerValue: middle, most: MOST_GROWTH }),
    figure(bench, 'most memory of web', Math.max(...memory), 'MiB'),
    figure(bench, 'CPU of web', (webCpu / found.seconds) * 100, '% of a core'),
    figure(bench, 'CPU of the people', (found.cpuSeconds / found.seconds) * 100, '% of a core'),
  ];
}

function median(values) {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
