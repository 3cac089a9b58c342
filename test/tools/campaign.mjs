/**
 * `npm run campaign [name …] [-- --seeds 5]`: the full counts of suites that a change only samples, with one seed after the other.
 * What passed is remembered in test/.tmp/campaign.json, so that an interrupted campaign goes on where it was; `--again` forgets that.
 * A leg that reports lines of JSON has them kept in test/.tmp/campaign-reports.jsonl and added up in a table at the end.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FURTHER_JOURNEYS, MOSTLY_WITHOUT_DATABASE, NOT_BESIDE_SQLITE, runSuite } from './suite.mjs';

const HOME = resolve(import.meta.dirname, '..', '..');
const TEMPORARY = join(HOME, 'test', '.tmp');
const MEMORY = join(TEMPORARY, 'campaign.json');
const REPORTS = join(TEMPORARY, 'campaign-reports.jsonl');

/** With five seeds: 1,000 processes, 300 containers, 100 hand-offs and 100 jobs of a cluster on each database. */
const FAULTS = { process: 200, docker: 60, handoff: 20, slurm: 20 };

/** Each leg is one suite with the numbers turned up; without `seeded` one round is all there is to know. */
const CAMPAIGNS = {
  faults: Object.entries(FAULTS).flatMap(([engine, runs]) =>
    ['faults-sqlite', 'faults-mariadb'].map((suite) => ({
      suite,
      words: [`${engine}.faults`],
      environment: { CAMPAIGN: '1', FAULT_JOBS: String(runs), CAMPAIGN_REPORT: REPORTS },
      seeded: 'FAULT_SEED',
    })),
  ),
  /** All that is asked of Docker and of a Slurm cluster. */
  engines: [
    { suite: 'engines', words: ['docker'], environment: {} },
    { suite: 'slurm', words: ['slurm'], environment: {} },
  ],
  model: [{ suite: 'faults-sqlite', words: ['model'], environment: { MODEL_DEEP: '1' } }],
  queue: [
    { suite: 'medium-sqlite', words: ['queue-properties'], environment: { QUEUE_SEQUENCES: '2000' } },
    { suite: 'medium-mariadb', words: ['queue-properties'], environment: { QUEUE_SEQUENCES: '2000' } },
  ],
  /** Requests made of the OpenAPI document, each with 10,000. */
  api: [{ suite: 'medium-sqlite', words: ['api/fuzz'], environment: { FUZZ_REQUESTS: '10000' }, seeded: 'FUZZ_SEED' }],
  /** What a change runs beside one database only, though the other has a part in it as well; and what is long. */
  databases: [
    { suite: 'medium-mariadb', words: MOSTLY_WITHOUT_DATABASE, environment: {} },
    { suite: 'medium-sqlite', words: NOT_BESIDE_SQLITE, environment: {} },
  ],
  /** A put of 4 GB by the command-line client, cut ten times. */
  client: [{ suite: 'medium-sqlite', words: ['client/'], environment: { PUT_BYTES: '4000000000' } }],
  /** Journeys that a change leaves out, and what all pages of a full installation weigh. */
  pages: [{ suite: 'browser', words: FURTHER_JOURNEYS, environment: {} }],
  /** Each page that a journey passes, in both themes at all widths. */
  looks: [{ suite: 'browser', words: [], environment: { LOOKS: 'all' } }],
  /** The image for containers, built and run; needs the registry of packages and Debian's debootstrap. */
  image: [{ suite: 'image', words: ['image'], environment: {} }],
  logs: [{ suite: 'browser', words: ['log-size'], environment: { TEST_LOG_MB: '1000' } }],
  /** Each route is tried so often on folders that are swapped for links; and archives above what fits into 32 bits. */
  containment: [
    { suite: 'medium-sqlite', words: ['files/swapped-'], environment: { CONTAINMENT_TRIES: '20000' } },
    { suite: 'medium-sqlite', words: ['large-archive'], environment: { TEST_ARCHIVE_MB: '4500' } },
  ],
  upload: [
    { suite: 'medium-sqlite', words: ['large-upload'], environment: { TEST_UPLOAD_MB: '2048' } },
    ...['medium-sqlite', 'medium-mariadb'].map((suite) => ({ suite, words: ['large-tus'], environment: { TEST_TUS_MB: '4096' } })),
  ],
};

const words = process.argv.slice(2);
const seeds = Number(valueAfter('--seeds') ?? 5);
const only = valueAfter('--only');
const names = words.filter((word, index) => !word.startsWith('--') && !['--seeds', '--only'].includes(words[index - 1]));
const strange = names.find((name) => !(name in CAMPAIGNS));
if (strange !== undefined || !Number.isInteger(seeds) || seeds < 1) {
  process.stderr.write(`Usage: npm run campaign [${Object.keys(CAMPAIGNS).join(' | ')}] [-- --seeds 5 --only docker --again]\n`);
  process.exit(64);
}

mkdirSync(TEMPORARY, { recursive: true });
if (words.includes('--again')) for (const path of [MEMORY, REPORTS]) rmSync(path, { force: true });
const passed = new Set(existsSync(MEMORY) ? JSON.parse(readFileSync(MEMORY, 'utf8')) : []);
const failed = [];
for (const name of names.length > 0 ? names : Object.keys(CAMPAIGNS)) {
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const leg of CAMPAIGNS[name]) if ((leg.seeded || seed === 1) && isWanted(leg)) await round(name, leg, seed);
  }
}
printTable();
process.stdout.write(failed.length === 0 ? 'The campaign passed.\n' : `Failed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** `--only docker` or `--only docker.faults` narrows a campaign down to one of its files, `--only faults-mariadb` to one suite. */
function isWanted({ suite, words: parts }) {
  return only === undefined || suite === only || parts.some((part) => part.startsWith(only));
}

async function round(name, { suite, words: parts, environment, seeded }, seed) {
  const title = `${name} on ${suite}, ${parts.join(' ')}${seeded ? `, seed ${seed}` : ''}`;
  if (passed.has(title)) {
    process.stdout.write(`${title}: passed before\n`);
    return;
  }
  process.stdout.write(`\n── ${title}\n`);
  const more = { ...environment, ...(seeded ? { [seeded]: String(seed) } : {}) };
  if (!(await runSuite(suite, parts, { environment: more, budget: Number.POSITIVE_INFINITY }))) {
    failed.push(title);
    return;
  }
  passed.add(title);
  writeFileSync(MEMORY, JSON.stringify([...passed]));
}

/** What all reports say together, those of earlier rounds too: a row for each engine and database. */
function printTable() {
  if (!existsSync(REPORTS)) return;
  const reports = readFileSync(REPORTS, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const columns = { seeds: count, runs: sum('runs'), faults: sum('faults'), deaths, troubles, 'take-overs': sum('takeOvers') };
  const rest = { destroyed: sum('destroyed'), lost: state('lost'), unknown: sum('unknown'), 'never started': sum('neverStarted') };
  const rows = [...Map.groupBy(reports, ({ engine, database }) => `${engine} on ${database}`)].map(([title, some]) => [
    title,
    ...Object.values({ ...columns, ...rest }).map((figure) => String(figure(some))),
  ]);
  const head = ['', ...Object.keys({ ...columns, ...rest })];
  const widths = head.map((_, index) => Math.max(...[head, ...rows].map((row) => row[index].length)));
  for (const row of [head, ...rows]) process.stdout.write(`${row.map((cell, index) => cell.padStart(widths[index])).join('  ')}\n`);
}

function count(reports) {
  return reports.length;
}

/** A figure, or how many stand in a list. */
function sum(name) {
  return (reports) => reports.reduce((all, report) => all + (Array.isArray(report[name]) ? report[name].length : report[name]), 0);
}

function state(name) {
  return (reports) => reports.reduce((all, { states }) => all + (states[name] ?? 0), 0);
}

/** Of runners, at named points. */
function deaths(reports) {
  return reports.flatMap(({ points }) => Object.values(points)).reduce((all, one) => all + one, 0);
}

function troubles(reports) {
  return reports.flatMap((report) => Object.values(report.troubles)).reduce((all, one) => all + one, 0);
}

function valueAfter(flag) {
  const index = words.indexOf(flag);
  return index === -1 ? undefined : words[index + 1];
}
