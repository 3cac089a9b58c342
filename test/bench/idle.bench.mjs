/** What an installation costs while nobody uses it: CPU and memory of each process, statements a second at the database. */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { DATABASES, cpuSeconds, figure, openInstallation, residentMiB, until, freePort } from './harness.mjs';

const SECONDS = 20;
const SETTLE_MS = 5000;
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
    const runners = { runner: installation.start('runner'), 'second runner': installation.start('runner', { RUNNER_NAME: 'second' }) };
    const counted = kind === 'mariadb' ? await openCounter(installation.server.socket) : undefined;
    await sleep(SETTLE_MS);
    const ofRunners = await counted?.during(SECONDS);
    const processes = { web: installation.start('web'), ...runners };
    await until(() => answers(port), 30_000, 'the web process');
    await sleep(SETTLE_MS);
    const before = Object.values(processes).map((child) => cpuSeconds(child.pid));
    const ofAll = counted ? await counted.during(SECONDS) : await sleep(SECONDS * 1000);
    const after = Object.values(processes).map((child) => cpuSeconds(child.pid));
    await counted?.close();
    const figures = Object.entries(processes).flatMap(([name, child], index) => [
      figure('idle', `${kind}: CPU of ${name}`, ((after[index] - before[index]) / SECONDS) * 100, '% of a core'),
      figure('idle', `${kind}: memory of ${name}`, residentMiB(child.pid), 'MiB'),
    ]);
    if (counted) {
      figures.push(
        figure('idle', `${kind}: statements of two runners`, ofRunners / SECONDS, 'a second', { most: 2 }),
        figure('idle', `${kind}: statements of two runners and web`, ofAll / SECONDS, 'a second'),
      );
    }
    return figures;
  } finally {
    await installation.close();
  }
}

async function openCounter(socketPath) {
  const { createConnection } = require('mysql2/promise');
  const connection = await createConnection({ socketPath, user: 'root' });
  const questions = async () => Number((await connection.query("SHOW GLOBAL STATUS LIKE 'Questions'"))[0][0].Value);
  return {
    /** Statements of others in so many seconds. */
    during: async (seconds) => {
      const before = await questions();
      await sleep(seconds * 1000);
      return (await questions()) - before - 1;
    },
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
