/**
 * `npm run verify`: everything that has to hold before a change is good, as CI runs it. Goes on after a failure, so that one run shows
 * all there is, and ends with a table. `npm run verify -- unit browser` does only the named steps.
 */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { FURTHER_JOURNEYS, NOT_BESIDE_SQLITE, runSuite, SUITES } from './suite.mjs';

const HOME = resolve(import.meta.dirname, '..', '..');
const MOST_MINUTES = 25;

const npm = (script) => ['npm', 'run', '--silent', script];

/**
 * Steps beside another one: those of one thread, and suites that mostly wait for daemons beside one of that kind. What they print is kept
 * back until that one is done.
 */
const BESIDE = { types: 'lint', build: 'lint', slurm: 'engines', 'faults-mariadb': 'faults-sqlite' };

/** What a change leaves to `npm run campaign databases pages logs`. */
const LEFT_OUT = { 'medium-sqlite': NOT_BESIDE_SQLITE, browser: [...FURTHER_JOURNEYS, 'log-size'] };

/** In order; each with its budget in seconds. */
const STEPS = [
  { name: 'format', budget: 60, command: npm('check:format') },
  { name: 'lint', budget: 90, command: npm('check:lint') },
  { name: 'types', budget: 90, command: npm('check:types') },
  { name: 'build', budget: 90, command: npm('build') },
  { name: 'shell', budget: 20, command: [process.execPath, 'test/tools/shell-scripts.mjs'] },
  ...Object.entries(SUITES)
    .filter(([, { campaignOnly }]) => !campaignOnly)
    .map(([name, { budget }]) => ({
      name,
      budget,
      command: [process.execPath, 'test/tools/suite.mjs', name],
      suite: name,
    })),
];

function run({ name, command: [program, ...words], suite }) {
  if (isBeside(name)) return runAside(program, ...words);
  return suite ? runSuite(suite, [], { except: LEFT_OUT[suite] }) : spawned(program, words);
}

function spawned(program, words) {
  const child = spawn(program, words, { cwd: HOME, stdio: 'inherit' });
  return new Promise((resolvePromise) => child.on('close', (code) => resolvePromise(code === 0)));
}

/** Where only the one is wanted it runs by itself. */
function isBeside(name) {
  return name in BESIDE && (wanted.length === 0 || wanted.includes(BESIDE[name]));
}

async function carryOut(step) {
  const from = Date.now();
  const outcome = await run(step);
  const { passed, printed } = typeof outcome === 'object' ? outcome : { passed: outcome };
  const seconds = Math.round((Date.now() - from) / 1000);
  return { ...step, seconds, printed, passed: passed && seconds <= step.budget };
}

function heading(name) {
  process.stdout.write(`\n── ${name} ${'─'.repeat(60 - name.length)}\n`);
}

/** Prints all at once, when it is over. */
function runAside(program, ...words) {
  const child = spawn(program, words, { cwd: HOME, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  return new Promise((resolvePromise) => {
    child.on('close', (code) => resolvePromise({ passed: code === 0, printed: Buffer.concat(printed) }));
  });
}

const wanted = process.argv.slice(2);
const strange = wanted.find((name) => !STEPS.some((step) => step.name === name));
if (strange !== undefined) {
  process.stderr.write(`There is no step "${strange}". Choose from: ${STEPS.map((step) => step.name).join(', ')}\n`);
  process.exit(64);
}
if (!ensurePackages()) process.exit(1);

const begin = Date.now();
const outcomes = [];
const chosen = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
for (const step of chosen.filter(({ name }) => !isBeside(name))) {
  const beside = chosen.filter(({ name }) => BESIDE[name] === step.name).map((other) => carryOut(other));
  heading(step.name);
  outcomes.push(await carryOut(step));
  for (const outcome of await Promise.all(beside)) {
    heading(outcome.name);
    process.stdout.write(outcome.printed);
    outcomes.push(outcome);
  }
}
const minutes = (Date.now() - begin) / 60_000;

process.stdout.write(`\n${'step'.padEnd(18)} ${'seconds'.padStart(8)} ${'budget'.padStart(8)}\n`);
for (const { name, seconds, budget, passed } of outcomes) {
  const late = seconds > budget ? ' (too slow)' : '';
  process.stdout.write(
    `${name.padEnd(18)} ${String(seconds).padStart(8)} ${String(budget).padStart(8)}  ${passed ? 'passed' : `FAILED${late}`}\n`,
  );
}
const inTime = minutes <= MOST_MINUTES;
process.stdout.write(
  `${'all'.padEnd(18)} ${String(Math.round(minutes * 60)).padStart(8)} ${String(MOST_MINUTES * 60).padStart(8)}${inTime ? '' : '  TOO SLOW'}\n`,
);
process.exitCode = outcomes.every((outcome) => outcome.passed) && inTime ? 0 : 1;
