/**
 * A table of 4 million rows, some 280 MB, beside the tools of the shell on the same file, in turns: first rows, index, any page, sort, filter,
 * histogram, scatter, export, and the most memory that the web process takes meanwhile. BENCH_TABLE_ROWS=400000 makes it short.
 */
import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../harness.mjs';
import { clearPeak, forget, median, peakMiB, shell, timed, writeTable } from './steps.mjs';

const ROWS = Number(process.env.BENCH_TABLE_ROWS ?? 4_000_000);
const ROUNDS = 3;
const PAGES = 40;
/** What a script says, which waits for the work to be done. */
const PATIENCE = { headers: { 'x-table-wait': '1' } };
/** What all of it may cost the web process, in MiB: as much as any busy hour. */
const MOST_GROWTH = 60;

export async function measure({ web, client, address, results }) {
  const file = join(results, 'cells.csv');
  writeTable(file, ROWS);
  writeTable(join(results, 'small.csv'), 1000);
  const megabytes = statSync(file).size / 1e6;
  const bench = `table, ${megabytes.toFixed(0)} MB`;
  const page = (query = '', name = 'cells.csv') => `${address}/table/${name}?${query}`;
  const view = async (path) => {
    const { status, text } = await client.ask(path);
    if (status !== 200 || !text.includes('class="num row-number"')) throw new Error(`${path}: ${status}`);
  };
  const whole = async (path) => {
    for (;;) {
      const { status, text } = await client.ask(path, PATIENCE);
      if (status !== 200) throw new Error(`${path}: ${status}`);
      if (!text.includes('data-working')) return;
    }
  };
  await whole(page('', 'small.csv'));
  for (let round = 0; round < 20; round += 1) await view(page('', 'small.csv'));
  clearPeak(web);
  const before = peakMiB(web);

  const times = { first: [], again: [], small: [], index: [], sort: [], text: [], filter: [], histogram: [], scatter: [], export: [] };
  const peers = { index: [], sort: [], filter: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    // Another version of the file each time: nothing is known of it.
    utimesSync(file, new Date(), new Date(Date.now() - (round + 1) * 60_000));
    times.small.push(await timed(() => view(page('', 'small.csv'))));
    forget(file);
    times.first.push(await timed(() => view(page())));
    times.again.push(await timed(() => view(page())));
    await whole(page());
    await sleep(200);
    utimesSync(file, new Date(), new Date(Date.now() - (round + 101) * 60_000));
    times.index.push(await timed(() => whole(page())));
    peers.index.push(await timed(() => shell('wc -l <"$0"', file)));
    times.sort.push(await timed(() => whole(page('sort=5&dir=desc'))));
    times.text.push(await timed(() => whole(page('sort=8'))));
    times.filter.push(await timed(() => whole(page('f5=%3E+200'))));
    peers.filter.push(await timed(() => shell(`awk -F, '$5 > 200' "$0" >/dev/null`, file)));
    times.histogram.push(await timed(() => whole(page('x=5'))));
    times.scatter.push(await timed(() => whole(page('x=3&y=5'))));
    times.export.push(await timed(() => client.download(page('export=csv&f5=%3E+200'))));
  }
  peers.sort.push(await timed(() => shell(`LC_ALL=C sort -t, -k5,5gr -S 1G --parallel=1 "$0" >/dev/null`, file)));
  const pages = [];
  for (let turn = 0; turn < PAGES; turn += 1) {
    pages.push(
      await timed(() =>
        view(page(`${turn % 2 ? 'sort=5&dir=desc&' : ''}page=${1 + Math.floor(((turn * 7919) % 997) * (ROWS / 100_000))}`)),
      ),
    );
  }
  const growth = peakMiB(web) - before;

  const row = (metric, values, more) => figure(bench, metric, median(values), 'ms', more);
  const soon = (values) => ({ aim: '≤ 100 ms', judge: () => median(values) <= 100 });
  const beside = (peer, values, most) => ({ peer, peerValue: median(values), most });
  return [
    row('first rows, cold: nothing known of the file, nothing of it in memory', times.first, soon(times.first)),
    row('first rows, warm', times.again, soon(times.again)),
    row('first rows of 1,000', times.small),
    row('all rows counted and measured', times.index, beside('wc -l', peers.index)),
    row('sorted by a number', times.sort, beside('sort -g', peers.sort, 1)),
    row('sorted by a text', times.text),
    row('filtered by a number', times.filter, beside('awk', peers.filter, 1)),
    row('histogram and figures', times.histogram),
    row('scatter', times.scatter),
    row('filtered rows exported', times.export),
    row('any page, sorted or not', pages, soon(pages)),
    figure(bench, 'memory of the web process, most beyond a small table', growth, 'MiB', { most: MOST_GROWTH }),
  ];
}
