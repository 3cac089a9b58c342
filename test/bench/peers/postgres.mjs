/** A private PostgreSQL for the peers: own folder, Unix socket only, durable as it comes (fsync and synchronous_commit on). */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { until } from '../harness.mjs';

const VERSIONS = '/usr/lib/postgresql';

/** @returns {string | null} the folder of its programs. */
export function findPostgres() {
  if (!existsSync(VERSIONS)) return null;
  const newest = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one))[0];
  return newest === undefined ? null : join(VERSIONS, newest, 'bin');
}

/** @param {string} programs */
export async function startPostgres(programs) {
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-postgres-'));
  const data = join(folder, 'data');
  const identity = userOf(folder);
  const made = spawnSync(join(programs, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8'], {
    ...identity,
    cwd: folder,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const words = ['-D', data, '-k', folder, '-c', 'listen_addresses='];
  const child = spawn(join(programs, 'postgres'), words, { ...identity, cwd: folder, stdio: 'ignore' });
  const isReady = () =>
    spawnSync(join(programs, 'pg_isready'), ['-h', folder, '-U', 'bench', '-d', 'postgres'], { stdio: 'ignore' }).status === 0;
  await until(isReady, 60_000, 'PostgreSQL');
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { connectionString: `postgresql://bench@localhost/postgres?host=${encodeURIComponent(folder)}`, folder, stop };
}

/** It refuses to run as root; Debian's package made the user postgres. */
function userOf(folder) {
  if (userInfo().uid !== 0) return {};
  const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  const identity = { uid: id('-u'), gid: id('-g') };
  chownSync(folder, identity.uid, identity.gid);
  return identity;
}
