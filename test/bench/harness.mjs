/** Starts what a benchmark needs: a database of either kind, the built processes on it, and the product's own services in this process. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { startMariadb } from '../tools/mariadb.mjs';

export const HOME = resolve(import.meta.dirname, '..', '..');
export const DATABASES = ['sqlite', 'mariadb'];
const require = createRequire(import.meta.url);

/** One figure of the table; `ratio`, unless it is given (as the median of several), and `met` are filled in from the peer's value and the aim. */
export function figure(bench, metric, value, unit, more = {}) {
  const {
    peer = null,
    peerValue = null,
    most = null,
    aim = most === null ? null : `≤ ${most}`,
    judge = most === null ? null : (ratio) => ratio <= most,
  } = more;
  const ratio = more.ratio ?? (peerValue === null ? null : value / peerValue);
  return { bench, metric, value, unit, peer, ratio, aim, met: judge === null ? null : judge(ratio ?? value) };
}

/** @param {'sqlite' | 'mariadb'} kind */
export async function openInstallation(kind, settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), `showrunner-bench-${kind}-`));
  const pipelines = join(folder, 'pipelines');
  mkdirSync(pipelines);
  const server = kind === 'mariadb' ? await startMariadb() : undefined;
  if (server) await createDatabase(server.socket);
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    DATA_DIR: folder,
    PIPELINES_DIR: pipelines,
    SAMPLE_PROJECT: 'off',
    LOG_LEVEL: 'warn',
    ...(server ? { DB_SOCKET: server.socket, DB_USER: 'root', DB_NAME: 'bench' } : {}),
    ...settings,
  };
  const children = [];
  const start = (name, more = {}) => {
    const child = spawn(process.execPath, [join(HOME, 'dist', `${name}.js`)], {
      cwd: HOME,
      env: { ...environment, ...more },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(child);
    return child;
  };
  await ended(start('migrate'));
  return {
    kind,
    folder,
    pipelines,
    environment,
    server,
    start,
    close: async () => {
      for (const child of children) await terminate(child);
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function createDatabase(socketPath) {
  const { createConnection } = require('mysql2/promise');
  const connection = await createConnection({ socketPath, user: 'root' });
  await connection.query('CREATE DATABASE bench CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  await connection.end();
}

export function ended(child) {
  return new Promise((resolvePromise) => (child.exitCode !== null ? resolvePromise(child.exitCode) : child.once('exit', resolvePromise)));
}

export async function terminate(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = ended(child);
  child.kill('SIGTERM');
  await Promise.race([end, sleep(15_000).then(() => child.kill('SIGKILL'))]);
}

/** The services of the web process, in this process, on that installation: what a request to submit calls. */
export async function openServices(installation) {
  for (const [name, value] of Object.entries(installation.environment)) if (name !== 'PATH' && name !== 'HOME') process.env[name] = value;
  for (const name of ['DB_SOCKET', 'DB_USER', 'DB_NAME']) if (!(name in installation.environment)) delete process.env[name];
  for (const path of Object.keys(require.cache)) if (path.startsWith(join(HOME, 'dist'))) delete require.cache[path];
  const { createContext } = require(join(HOME, 'dist/common/application.js'));
  const { CommonModule } = require(join(HOME, 'dist/common/common.module.js'));
  const context = await createContext(CommonModule, 'bench');
  const service = (path, name) => context.get(require(join(HOME, 'dist', path))[name], { strict: false });
  const load = (path) => require(join(HOME, 'dist', path));
  return { context, service, load, close: () => context.close() };
}

/** A pipeline that is one executable script. */
export function addScript(installation, name, source) {
  const path = join(installation.pipelines, name);
  writeFileSync(path, source);
  chmodSync(path, 0o755);
  return path;
}

/** A project of a person who exists, as a run needs it. */
export async function addProject(services, installation) {
  const { randomUUID } = await import('node:crypto');
  const users = services.service('common/users/users.repository.js', 'UsersRepository');
  const projects = services.service('common/projects/projects.repository.js', 'ProjectsRepository');
  const ownerId = randomUUID();
  const id = randomUUID();
  const nowMs = Date.now();
  const person = {
    id: ownerId,
    kind: 'guest',
    email: null,
    displayName: 'bench',
    passwordHash: null,
    guestKeyHash: randomUUID(),
    isAdmin: false,
  };
  await users.add({ ...person, createdMs: nowMs, lastSeenMs: nowMs });
  await projects.add({ id, ownerId, name: 'bench', createdMs: nowMs, changedMs: nowMs });
  mkdirSync(join(installation.folder, 'files', ownerId, id), { recursive: true });
  return { id, ownerId };
}

/** A run of that pipeline as the form would submit it. */
export async function newRun(services, project, pipelineId, parameters) {
  const catalogue = services.service('common/pipelines/pipeline-catalogue.js', 'PipelineCatalogue');
  const pipeline = await catalogue.find(pipelineId);
  if (!pipeline) throw new Error(`the catalogue has no pipeline ${pipelineId}`);
  return {
    submissionId: randomUUID(),
    pipelineId,
    pipelineTitle: pipeline.manifest.title,
    projectId: project.id,
    ownerId: project.ownerId,
    parameters,
    manifest: pipeline.manifest,
    timeLimitSeconds: 600,
    maxStarts: 1,
    pipelineLimit: null,
    engine: 'process',
    needs: { cpu: 1000, memory: 0, gpus: 0 },
  };
}

export async function until(condition, withinMs, what) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(5);
  }
}

/** User and system CPU time of a process, in seconds. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory of a process in MiB. */
export function residentMiB(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Of the loopback. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
