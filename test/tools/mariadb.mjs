/**
 * A private MariaDB for tests and benchmarks: own data directory, Unix socket only, no root rights needed.
 * `startMariadb()` returns `{ socket, stop() }`; run as a program it starts one, prints the socket and stays until it is interrupted.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A new one may have to be set up on a busy machine; one that was there before comes back soon or not at all. */
const READY_WITHIN_MS = { first: 60_000, again: 20_000 };
const PING_WITHIN_MS = 5000;
/** A server that stands still while it starts, as happens under a clock that is stepped, is ended and started again. */
const TRIES = 5;
/** Waits for no disk: each test makes tables of its own, and none of them outlives the machine. */
const FORGETFUL = ['--debug-no-sync', '--innodb-flush-method=nosync', '--innodb-flush-log-at-trx-commit=2'];
/** Debian keeps the server where only root looks. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/**
 * @param {{ keep?: string, forgetful?: boolean, environment?: Record<string, string> }} [options] `keep`: an existing data directory to start on again (after
 * a kill), which is then the caller's to remove; `forgetful`: what it
 * said that it wrote may be lost with the machine, for tests of which no figures are kept; `environment`: for the server process.
 */
export async function startMariadb(options = {}) {
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'showrunner-mariadb-'));
  for (let tries = 1; ; tries += 1) {
    try {
      return await startIn(folder, options);
    } catch (error) {
      if (tries === TRIES) throw error;
      process.stderr.write(`mariadbd is started again: ${error.message}\n`);
    }
  }
}

async function startIn(folder, options) {
  const data = join(folder, 'data');
  const socket = join(folder, 'mariadb.sock');
  const user = serverUser(folder);
  if (!existsSync(data)) install(data, user);
  const child = spawn('mariadbd', [...serverArguments(data, socket, user), ...(options.forgetful ? FORGETFUL : [])], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...ENVIRONMENT, ...options.environment },
  });
  let log = '';
  child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-4000)));
  await untilReady(child, socket, options.keep ? READY_WITHIN_MS.again : READY_WITHIN_MS.first, () => log);
  const stop = async (signal = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
    }
    if (!options.keep && signal === 'SIGTERM') rmSync(folder, { recursive: true, force: true });
  };
  return { socket, folder, pid: child.pid, stop, child };
}

function serverUser(folder) {
  const me = userInfo();
  if (me.uid !== 0) return me.username;
  // mariadbd refuses to run as root; Debian's package made the user mysql.
  const id = (flag) => Number(spawnSync('id', [flag, 'mysql'], { encoding: 'utf8' }).stdout);
  chmodSync(folder, 0o755);
  chownSync(folder, id('-u'), id('-g'));
  return 'mysql';
}

function install(data, user) {
  mkdirSync(data, { recursive: true });
  const result = spawnSync(
    'mariadb-install-db',
    ['--no-defaults', `--user=${user}`, `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { encoding: 'utf8', env: ENVIRONMENT },
  );
  if (result.status !== 0) throw new Error(`mariadb-install-db failed: ${result.error?.message ?? result.stderr}`);
}

function serverArguments(data, socket, user) {
  return [
    '--no-defaults',
    `--user=${user}`,
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--pid-file=${join(data, 'mariadb.pid')}`,
    '--skip-networking',
    '--character-set-server=utf8mb4',
    '--innodb-buffer-pool-size=256M',
    '--max-connections=300',
  ];
}

async function untilReady(child, socket, withinMs, log) {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`mariadbd ended with ${child.exitCode}:\n${log()}`);
    const words = ['--no-defaults', `--socket=${socket}`, '--user=root', 'ping'];
    const ping = spawnSync('mariadb-admin', words, { encoding: 'utf8', timeout: PING_WITHIN_MS, killSignal: 'SIGKILL' });
    if (ping.status === 0) return;
    await sleep(100);
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  throw new Error(`mariadbd was not ready after ${withinMs / 1000} s:\n${log()}`);
}

// Without an await out here, so that a test may also require this file.
if (import.meta.filename === process.argv[1]) void runAsProgram();

async function runAsProgram() {
  const server = await startMariadb();
  process.stdout.write(`${server.socket}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
