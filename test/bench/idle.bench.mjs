/** What an installation costs while nobody uses it: CPU and memory of each process, statements a second at the database. */
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DATABASES, cpuSeconds, figure, openInstallation, residentMiB, until } from './harness.mjs';

const SECONDS = 20;
const require = createRequire(import.meta.url);

export async function run() {
  const figures = [];
  for (const kind of DATABASES) figures.push(...(await measure(kind)));
  return figures;
}

async function measure(kind) {
  const port = await freePort();
  const installation = await openInstallation(kind, { PORT: String(port) });
  try {
    const processes = {
      web: installation.start('web'),
      runner: installation.start('runner'),
      'second runner': installation.start('runner', { RUNNER_NAME: 'second' }),
    };
    await until(() => answers(port), 30_000, 'the web process');
    await sleep(5000);
    const counted = kind === 'mariadb' ? await openCounter(installation.server.socket) : undefined;
    const before = Object.values(processes).map((child) => cpuSeconds(child.pid));
    const asked = await counted?.questions();
    await sleep(SECONDS * 1000);
    const statements = counted ? (await counted.questions()) - asked - 1 : undefined;
    const after = Object.values(processes).map((child) => cpuSeconds(child.pid));
    await counted?.close();
    const figures = Object.entries(processes).flatMap(([name, child], index) => [
      figure('idle', `${kind}: CPU of ${name}`, ((after[index] - before[index]) / SECONDS) * 100, '% of a core'),
      figure('idle', `${kind}: memory of ${name}`, residentMiB(child.pid), 'MiB'),
    ]);
    // One look a second each; what heartbeats, rounds and mail add is the distance to the aim.
    if (statements !== undefined) {
      figures.push(figure('idle', `${kind}: statements with two runners`, statements / SECONDS, 'a second', { most: 2 }));
    }
    return figures;
  } finally {
    await installation.close();
  }
}

async function openCounter(socketPath) {
  const { createConnection } = require('mysql2/promise');
  const connection = await createConnection({ socketPath, user: 'root' });
  return {
    questions: async () => Number((await connection.query("SHOW GLOBAL STATUS LIKE 'Questions'"))[0][0].Value),
    close: () => connection.end(),
  };
}

async function answers(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
