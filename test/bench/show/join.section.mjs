/**
 * Two tables of 4 million rows, of two runs, joined by a key: until the first joined rows stand on a page, and the most memory that the
 * processes take meanwhile. BENCH_TABLE_ROWS=400000 makes it short.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../harness.mjs';
import { clearPeak, forget, peakMiB, timed, writeTable } from './steps.mjs';

const ROWS = Number(process.env.BENCH_TABLE_ROWS ?? 4_000_000);
const LOOK_EVERY_MS = 50;
/** What a program on tables may take, and the web process more than before, in MiB. */
const [MOST_OF_CHILD, MOST_GROWTH] = [1430, 60];

export async function measure({ web, client, project, number, results, another }) {
  const second = await another();
  const files = [join(results, 'cells.csv'), join(second.results, 'cells.csv')];
  files.forEach((file, index) => writeTable(file, ROWS, { noise: index === 1 }));
  const page = (query = '') => `/projects/${project}/compare/table?runs=${number},${second.number}&file=cells.csv${query}`;
  const whole = async (query) => {
    for (;;) {
      const { status, text } = await client.ask(page(query));
      if (status !== 200) throw new Error(`the joined table: ${status}`);
      if (!text.includes('data-working')) return text;
      await sleep(LOOK_EVERY_MS);
    }
  };
  for (const file of files) forget(file);
  clearPeak(web);
  const before = peakMiB(web);
  const watch = watchChildren(web);
  const first = await timed(async () => requireJoined(await whole()));
  const again = await timed(() => whole());
  const changed = await timed(() => whole('&show=changed&sort=column:area'));
  const child = await watch.end();
  const row = (metric, value, more) => figure(`join, 2 x ${ROWS} rows`, metric, value, 'ms', more);
  return [
    row('first joined rows, nothing known of the files', first),
    row('the same again', again),
    row('what changed, the largest difference first', changed),
    figure(`join, 2 x ${ROWS} rows`, 'memory of the program that joins, most', child, 'MiB', { most: MOST_OF_CHILD }),
    figure(`join, 2 x ${ROWS} rows`, 'memory of the web process, most beyond before', peakMiB(web) - before, 'MiB', { most: MOST_GROWTH }),
  ];
}

function requireJoined(text) {
  if (!text.includes('<mark>') && !text.includes('<th scope="row">')) throw new Error('the tables were not joined');
}

/** Looks at the programs that a process starts. `end` gives the most memory that one of them had, in MiB. */
function watchChildren({ pid }) {
  let most = 0;
  const look = () => {
    for (const child of childrenOf(pid)) most = Math.max(most, peakOf(child));
  };
  const clock = setInterval(look, LOOK_EVERY_MS);
  return { end: async () => (clearInterval(clock), most) };
}

function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function peakOf(pid) {
  try {
    return peakMiB({ pid });
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
