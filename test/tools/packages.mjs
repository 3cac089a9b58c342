/** What the tests need of the machine, by Debian package. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PLACES = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];

const NEEDED = [
  { program: 'mariadbd', package: 'mariadb-server', why: 'for the tests on MariaDB, on a private server that they start themselves' },
  { program: 'dockerd', package: 'docker.io', why: 'for the tests with containers, on a private Docker Engine that they start themselves' },
  { program: 'docker-compose', package: 'docker-compose', why: 'to read compose files' },
  { program: 'busybox', package: 'busybox-static', why: 'to make the image of those tests', isThere: hasStaticBusybox },
  {
    program: 'slurmctld',
    package: 'slurm-wlm',
    why: 'for the tests with Slurm, on a private cluster of one node that they start themselves',
  },
  { program: 'munged', package: 'munge', why: 'to sign what the daemons of that cluster say to each other' },
  { program: 'slurmdbd', package: 'slurmdbd', why: 'for the tests with the accounting of Slurm' },
  { program: 'faketime', package: 'faketime', why: 'to step the clock under the processes of the fault tests' },
  { program: 'nginx', package: 'nginx-light', why: 'for the tests of the example of a reverse proxy' },
  { program: 'systemd-analyze', package: 'systemd', why: 'to read the units of systemd' },
  { program: 'curl', package: 'curl', why: 'for the examples of the API' },
  { program: 'chromium', package: 'chromium', why: 'for the tests in a browser' },
];
const WELCOME = [{ program: 'shellcheck', package: 'shellcheck', why: 'to look deeper into shell scripts' }];

export function hasProgram(name) {
  return PLACES.some((place) => {
    try {
      accessSync(join(place, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function isThere(one) {
  return one.isThere ? one.isThere() : hasProgram(one.program);
}

/** In an image of its own it finds no libraries. A program that needs them names its loader in its head. */
function hasStaticBusybox() {
  if (!existsSync('/bin/busybox')) return false;
  const head = readFileSync('/bin/busybox').subarray(0, 4096).toString('latin1');
  return !/\/lib(?:64)?\/(?:[\w-]+\/)?ld-/.test(head);
}

/**
 * Installs what is missing where that is allowed, and says so before.
 * @returns {boolean} whether everything that is needed is there.
 */
export function ensurePackages() {
  const missing = NEEDED.filter((one) => !isThere(one));
  const extra = WELCOME.filter(({ program }) => !hasProgram(program));
  if (missing.length === 0) return true;
  const names = [...missing, ...extra].map((one) => one.package);
  for (const one of missing) process.stdout.write(`Missing: Debian's package ${one.package}, ${one.why}.\n`);
  if (process.getuid?.() !== 0) {
    process.stderr.write(`Only root may install packages. Run this as root, then start again:\n  apt-get install ${names.join(' ')}\n`);
    return false;
  }
  process.stdout.write(`Installing with apt-get: ${names.join(' ')}\n`);
  if (!install(names)) {
    // The list of packages may be missing or old: a fresh machine has none.
    apt(['update', '-qq']);
    if (!install(names)) process.stderr.write(`apt-get could not install ${names.join(' ')}.\n`);
  }
  return NEEDED.every(isThere);
}

function install(names) {
  return apt(['install', '-y', '-qq', '--no-install-recommends', ...names]);
}

function apt(words) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', words, { stdio: ['ignore', 'ignore', 'inherit'], env: environment }).status === 0;
}
