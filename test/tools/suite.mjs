/**
 * Runs test suites by name, each with a printed time and its budget: `node test/tools/suite.mjs unit medium-sqlite -- queue-store`.
 * Words after `--` narrow it down: first parts of file names, then options of jest (`-t 'a test'`).
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { startMariadb } from './mariadb.mjs';

const HOME = resolve(import.meta.dirname, '..', '..');
const JEST = join(HOME, 'node_modules', 'jest', 'bin', 'jest.js');

/** Seconds that each suite may take on a machine of two cores, about twice what it needs there; one that takes longer fails, and wants pruning. */
export const SUITES = {
  unit: { paths: ['src/', 'test/house/'], budget: 120 },
  engines: { paths: ['test/engines/'], budget: 180 },
  slurm: { paths: ['test/slurm/'], budget: 180, mariadb: true, workers: 4 },
  'medium-sqlite': { paths: ['test/medium/'], budget: 270 },
  'medium-mariadb': { paths: ['test/medium/'], budget: 360, mariadb: true },
  // Each engine on one of the databases; `npm run campaign faults` has them all on both.
  'faults-sqlite': {
    paths: ['test/faults/'],
    sample: ['model', 'checker.spec', 'broken.faults', 'docker.faults', 'handoff.faults'],
    budget: 240,
    serial: true,
  },
  'faults-mariadb': {
    paths: ['test/faults/'],
    sample: ['process.faults', 'slurm.faults'],
    budget: 240,
    mariadb: true,
    serial: true,
  },
  browser: { paths: ['test/e2e/'], budget: 420, serial: true },
};

/**
 * @param {string[]} [jestWords]
 * @param {{ environment?: Record<string, string>, budget?: number }} [more] for campaigns, which turn the numbers up.
 * @returns {Promise<boolean>} whether the suite passed within its budget.
 */
export async function runSuite(name, jestWords = [], more = {}) {
  const suite = SUITES[name];
  if (!suite) throw new Error(`There is no suite "${name}". Choose from: ${Object.keys(SUITES).join(', ')}`);
  const begin = Date.now();
  const server = suite.mariadb ? await startMariadb() : undefined;
  const environment = { ...process.env, ...more.environment, NODE_ENV: 'test', ...(server ? { TEST_MARIADB_SOCKET: server.socket } : {}) };
  const firstOption = jestWords.findIndex((word) => word.startsWith('-'));
  const [named, options] = firstOption === -1 ? [jestWords, []] : [jestWords.slice(0, firstOption), jestWords.slice(firstOption)];
  const parts = named.length === 0 ? (suite.sample ?? []) : named;
  const words = ['--experimental-vm-modules', '--no-warnings', JEST, '--testPathPatterns', ...pathPatterns(suite.paths, parts)];
  // jest leaves one core to whoever watches; nobody does, and these tests mostly wait for processes.
  words.push(suite.serial ? '--runInBand' : `--maxWorkers=${suite.workers ?? 2}`);
  words.push(...options);
  const status = await new Promise((resolvePromise) => {
    const child = spawn(process.execPath, words, { cwd: HOME, stdio: 'inherit', env: environment });
    child.on('exit', (code) => resolvePromise(code ?? 1));
  });
  await server?.stop();
  const seconds = Math.round((Date.now() - begin) / 1000);
  const budget = more.budget ?? suite.budget;
  const inTime = seconds <= budget;
  process.stdout.write(
    `suite ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s (budget ${budget} s${inTime ? '' : ', EXCEEDED'})\n`,
  );
  return status === 0 && inTime;
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
