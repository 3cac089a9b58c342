/**
 * `npm run campaign [name …] [-- --seeds 20]`: the full counts of suites that a change only samples, with one seed after the other.
 * What passed is remembered in test/.tmp/campaign.json, so that an interrupted campaign goes on where it was; `--again` forgets that.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runSuite } from './suite.mjs';

const HOME = resolve(import.meta.dirname, '..', '..');
const MEMORY = join(HOME, 'test', '.tmp', 'campaign.json');

/** Each leg is one suite with the numbers turned up; without `seeded` one round is all there is to know. */
const CAMPAIGNS = {
  faults: [
    { suite: 'faults-sqlite', words: ['runner.faults'], environment: { CAMPAIGN: '1' }, seeded: 'FAULT_SEED' },
    { suite: 'faults-mariadb', words: ['runner.faults'], environment: { CAMPAIGN: '1' }, seeded: 'FAULT_SEED' },
  ],
  model: [{ suite: 'faults-sqlite', words: ['model'], environment: { MODEL_DEEP: '1' } }],
  queue: [
    { suite: 'medium-sqlite', words: ['queue-properties'], environment: { QUEUE_SEQUENCES: '2000' } },
    { suite: 'medium-mariadb', words: ['queue-properties'], environment: { QUEUE_SEQUENCES: '2000' } },
  ],
  upload: [{ suite: 'medium-sqlite', words: ['large-upload'], environment: { TEST_UPLOAD_MB: '2048' } }],
};

const words = process.argv.slice(2);
const seeds = Number(valueAfter('--seeds') ?? 5);
const names = words.filter((word, index) => !word.startsWith('--') && words[index - 1] !== '--seeds');
const strange = names.find((name) => !(name in CAMPAIGNS));
if (strange !== undefined || !Number.isInteger(seeds) || seeds < 1) {
  process.stderr.write(`Usage: npm run campaign [${Object.keys(CAMPAIGNS).join(' | ')}] [-- --seeds 5 --again]\n`);
  process.exit(64);
}

const passed = new Set(words.includes('--again') || !existsSync(MEMORY) ? [] : JSON.parse(readFileSync(MEMORY, 'utf8')));
const failed = [];
for (const name of names.length > 0 ? names : Object.keys(CAMPAIGNS)) {
  for (const leg of CAMPAIGNS[name]) {
    for (let seed = 1; seed <= (leg.seeded ? seeds : 1); seed += 1) await round(name, leg, seed);
  }
}
process.stdout.write(failed.length === 0 ? 'The campaign passed.\n' : `Failed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function round(name, { suite, words: parts, environment, seeded }, seed) {
  const title = `${name} on ${suite}${seeded ? `, seed ${seed}` : ''}`;
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
  mkdirSync(join(HOME, 'test', '.tmp'), { recursive: true });
  writeFileSync(MEMORY, JSON.stringify([...passed]));
}

function valueAfter(flag) {
  const index = words.indexOf(flag);
  return index === -1 ? undefined : words[index + 1];
}
