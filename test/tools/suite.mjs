/**
 * Runs test suites by name, each with a printed time and its budget: `node test/tools/suite.mjs unit medium-sqlite -- queue-store`.
 * Words after `--` narrow it down: first parts of file names, then options of jest (`-t 'a test'`).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { failedSpecs, writeBundles } from './bundles.mjs';
import { startMariadb } from './mariadb.mjs';

const HOME = resolve(import.meta.dirname, '..', '..');
/** Processes that tests start load packages which others before them have compiled: a quarter of what a start costs. */
const PROCESSES = { NODE_COMPILE_CACHE: join(HOME, 'test', '.tmp', 'compiled') };
const JEST = join(HOME, 'node_modules', 'jest', 'bin', 'jest.js');

/**
 * Suites that watch daemons, browsers and clocks of a machine that others may use too. A file of theirs that fails is tried once more, alone,
 * and named: what fails twice is a fault, what fails once wants to be looked into. Never the fault suites: what they find by chance is found.
 */
const SECOND_TRY = new Set(['engines', 'slurm', 'medium-sqlite', 'medium-mariadb', 'browser']);

/**
 * What no database has a part in: files and their handles, programs and their limits, documents. They run beside SQLite only, the
 * database of whoever types `npm test`; `npm run verify` would need four minutes more for the same answers.
 */
const WITHOUT_DATABASE = [
  'files/symlink-swap',
  'files/swapped-',
  'files/planted-',
  'files/bad-names',
  'files/extraction',
  'files/large-',
  'files/zip-download',
  'http/requests',
  'files/browsing',
  'space/full-disk',
  'inbox/planted',
  'show/run-log',
  'show/result-files',
  'runner/outbox',
  'deployment/',
  'runner/memory',
  'runner/log-limit',
  'runner/process-',
  'runner/stuck-supervisor',
  'runner/full-disk',
  'docker/docker-docs',
  'docker/docker-runs',
  'docker/runner-in-container',
  'handoff/handoff-away',
  'handoff/handoff-launcher',
  'pipelines/',
  'run/reference-',
  'quickstart/',
];

/**
 * What asks the database for little that other files do not ask for as well. These run beside MariaDB, too, in `npm run campaign databases`.
 */
export const MOSTLY_WITHOUT_DATABASE = [
  'access/',
  'api/',
  'admin/overview',
  'admin/pipelines',
  'cleaner/cleaner-command',
  'client/',
  'compare/',
  'docker/',
  'files/changing-files',
  'files/downloads',
  'files/file-tasks',
  'files/hung-up',
  'files/tus-uploads',
  'files/upload-locks',
  'files/upload-recovery',
  'handoff/',
  'home/',
  'http/',
  'inbox/inbox',
  'institute/',
  'live/',
  'projects/others',
  'queue-page/waiting-',
  'run/',
  'runner/lost-permission',
  'runner/modes',
  'runner/progress',
  'runner/results-folder',
  'runner/steps',
  'runner/work-folder',
  'runners/admin-commands',
  'show/',
  'space/space-page',
  'take-over/settings',
  'take-over/script-runner',
  'viewer/',
];

/**
 * What `verify` leaves out beside SQLite, though `npm test` runs it there: most of it runs beside MariaDB, the database of those who have many
 * runs; the others are long, and `npm run campaign databases` runs them.
 */
export const NOT_BESIDE_SQLITE = [
  'accounts/account-page',
  'accounts/accounts.spec',
  'accounts/admin.spec',
  'accounts/export',
  'accounts/external-users',
  'accounts/farewell',
  'accounts/links',
  'accounts/sign-up-modes',
  'accounts/tokens',
  'admin/audit-log',
  'admin/groups',
  'admin/operations-',
  'admin/people',
  'backup/backup',
  'cleaner/cleaner-command',
  'cleaner/cleaner.spec',
  'cleaner/warnings',
  'database/upgrades',
  'docker/docker-runs',
  'files/extraction',
  'files/hung-up',
  'files/large-',
  'files/symlink-swap',
  'files/trash.spec',
  'files/unfinished-uploads',
  'files/upload-conflicts',
  'files/upload-locks',
  'files/upload-recovery',
  'files/uploads.spec',
  'guests/',
  'handoff/handoff-recovery',
  'http/metrics',
  'inbox/planted',
  'mail/',
  'older-systems',
  'pipelines/one-wrong-option',
  'projects/deleting-files',
  'projects/projects.spec',
  'queue-page/queue-page',
  'runner/input-notes',
  'runner/modes',
  'runner/recovery',
  'runner/runner.spec',
  'runners/admin-commands',
  'runners/runner-trouble',
  'runners/runners-page',
  'schedules/',
  'shares/',
  'space/limits',
  'space/space-properties',
  'space/space.spec',
  'sweeps/',
  'take-over/take-over',
  'webhooks/',
];

/** Journeys in a browser that a change leaves to `npm run campaign pages`: what they pass is asked for by tests without a browser as well. */
export const FURTHER_JOURNEYS = [
  'archives',
  'argument-files',
  'budgets',
  'inbox',
  'language',
  'log.spec',
  'runners',
  'several-runs',
  'space',
  'steps',
  'widths',
];

const ENGINE_SAMPLE = [
  'docker-executor',
  'docker-starts',
  'docker-log',
  'docker-disk',
  'docker-forgotten-ends',
  'compose-service',
  'check-samples',
];
const SLURM_SAMPLE = ['slurm-runs', 'slurm-lies', 'slurm-cluster', 'slurm-late-answer'];

/** Seconds that each suite may take on a machine of two cores, about twice what it needs there; one that takes longer fails, and wants pruning. */
export const SUITES = {
  unit: { paths: ['src/', 'test/house/'], budget: 180 },
  // Of both engines the files that say most; `npm run campaign engines` has them all.
  engines: { paths: ['test/engines/'], sample: ENGINE_SAMPLE, budget: 180 },
  slurm: { paths: ['test/slurm/'], sample: SLURM_SAMPLE, budget: 180, mariadb: true, workers: 4 },
  'medium-sqlite': { paths: ['test/medium/'], budget: 700, workers: 4, bundles: 16 },
  'medium-mariadb': {
    paths: ['test/medium/'],
    except: [...WITHOUT_DATABASE, ...MOSTLY_WITHOUT_DATABASE],
    budget: 480,
    mariadb: true,
    workers: 4,
    bundles: 10,
  },
  // Each engine on one of the databases; `npm run campaign faults` has them all on both.
  'faults-sqlite': {
    paths: ['test/faults/'],
    sample: ['model', 'checker.spec', 'broken.faults', 'docker.faults'],
    budget: 240,
    serial: true,
  },
  'faults-mariadb': {
    paths: ['test/faults/'],
    sample: ['process.faults', 'slurm.faults', 'handoff.faults'],
    budget: 240,
    mariadb: true,
    serial: true,
  },
  browser: { paths: ['test/e2e/'], budget: 600, workers: 3 },
  /** The image for containers, built for real: `npm run campaign image`. */
  image: { paths: ['test/image/'], budget: 1200, campaignOnly: true },
};

/**
 * @param {string[]} [jestWords]
 * @param {{ environment?: Record<string, string>, budget?: number, except?: string[] }} [more] for campaigns, which turn the numbers up, and
 *   for `verify`, which leaves files to another suite.
 * @returns {Promise<boolean>} whether the suite passed within its budget.
 */
export async function runSuite(name, jestWords = [], more = {}) {
  const suite = SUITES[name];
  if (!suite) throw new Error(`There is no suite "${name}". Choose from: ${Object.keys(SUITES).join(', ')}`);
  const begin = Date.now();
  const server = suite.mariadb ? await startMariadb({ forgetful: !suite.serial }) : undefined;
  const environment = {
    ...process.env,
    ...PROCESSES,
    ...more.environment,
    NODE_ENV: 'test',
    ...(server ? { TEST_MARIADB_SOCKET: server.socket } : {}),
  };
  const firstOption = jestWords.findIndex((word) => word.startsWith('-'));
  const [named, options] = firstOption === -1 ? [jestWords, []] : [jestWords.slice(0, firstOption), jestWords.slice(firstOption)];
  const parts = named.length === 0 ? (suite.sample ?? []) : named;
  // Named files run whatever they are, and each by itself.
  const except = named.length > 0 ? [] : [...(suite.except ?? []), ...(more.except ?? [])];
  const bundles = suite.bundles && parts.length === 0 ? writeBundles({ paths: suite.paths, except, count: suite.bundles }) : undefined;
  const words = ['--testPathPatterns', ...(bundles ? [bundles.folder] : pathPatterns(suite.paths, parts))];
  if (bundles) words.push(`--testSequencer=${join(HOME, 'test', 'tools', 'bundle-order.cjs')}`);
  if (!bundles && except.length > 0) words.push('--testPathIgnorePatterns', ...except.map((part) => `/${suite.paths[0]}${part}`));
  // jest leaves one core to whoever watches; nobody does, and these tests mostly wait for processes.
  words.push(suite.serial ? '--runInBand' : `--maxWorkers=${suite.workers ?? 2}`);
  words.push(...options);
  let { status, failed } = await runJest(words, environment);
  if (status !== 0 && failed.length > 0 && jestWords.length === 0 && SECOND_TRY.has(name)) {
    process.stdout.write(`\nsuite ${name}: SECOND TRY, to be looked into: ${failed.map((file) => relative(HOME, file)).join(', ')}\n`);
    ({ status } = await runJest(['--runInBand', '--runTestsByPath', ...failed], environment));
  }
  bundles?.remove();
  await server?.stop();
  const seconds = Math.round((Date.now() - begin) / 1000);
  const budget = more.budget ?? suite.budget;
  const inTime = seconds <= budget;
  process.stdout.write(
    `suite ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s (budget ${budget} s${inTime ? '' : ', EXCEEDED'})\n`,
  );
  return status === 0 && inTime;
}

/** @returns {Promise<{ status: number, failed: string[] }>} the exit status of jest, and the files with a failure as absolute paths. */
async function runJest(words, environment) {
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-suite-'));
  const report = join(folder, 'report.json');
  const all = ['--experimental-vm-modules', '--no-warnings', JEST, ...words, '--json', `--outputFile=${report}`];
  try {
    const status = await new Promise((resolvePromise) => {
      const child = spawn(process.execPath, all, { cwd: HOME, stdio: 'inherit', env: environment });
      child.on('exit', (code) => resolvePromise(code ?? 1));
    });
    return { status, failed: status === 0 ? [] : failedFiles(report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failedFiles(report) {
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    return failedSpecs(testResults);
  } catch {
    // jest died before it could write; there is nothing to try again.
    return [];
  }
}

/** jest joins patterns by "or"; a part of a name is meant within the suite's folders. */
function pathPatterns(folders, parts) {
  return folders.flatMap((folder) => {
    const whole = join(HOME, folder);
    return parts.length === 0 ? [whole] : parts.map((part) => `^(?=.*${part})${whole}`);
  });
}

if (import.meta.filename === process.argv[1]) {
  const words = process.argv.slice(2);
  const end = words.indexOf('--');
  const names = end === -1 ? words : words.slice(0, end);
  const jestWords = end === -1 ? [] : words.slice(end + 1);
  let passed = true;
  for (const name of names) passed = (await runSuite(name, jestWords)) && passed;
  process.exitCode = passed ? 0 : 1;
}
