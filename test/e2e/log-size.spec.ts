import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until';
import { TestBrowser } from '../web-app';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const MB = 1_000_000;
/** Of the large log; `npm run campaign logs` asks for a gigabyte. */
const SIZE_MB = Number(process.env['TEST_LOG_MB'] ?? 150);
/** Bytes of each line. */
const LINE_BYTES = 100;
const LINES = (SIZE_MB * MB) / LINE_BYTES;
/** What a log of any size may cost the web process beyond what a small one costs. */
const MOST_GROWTH_MB = 40;
/** Node frees the buffers of a stream only when some 64 MB of them have come together. */
const MOST_DOWNLOAD_MB = 150;
const SCRIPT = `#!/bin/sh
##~~ title: LINES lines
##~~ output=count.txt - the numbers
seq -f 'tile %08.0f: 4 nuclei, mean area 61.25 um2, threshold 0.148, field of view 12 in well B7, plate 3' 1 LINES
echo 1 > "$1"
`;

interface Rows {
  rows: { at: number; s: [string, string][] }[];
  first: number | null;
  size: number;
  lines: number | null;
  grows: boolean;
}

/** What people do with a log, and what it costs the web process. Figures are printed; only the memory is held to a limit. */
describe(`a log of ${SIZE_MB} MB`, () => {
  let product: RunningProduct;
  let person: TestBrowser;
  let project: string;

  beforeAll(async () => {
    const scripts = { 'large.sh': SCRIPT.replaceAll('LINES', String(LINES)), 'small.sh': SCRIPT.replaceAll('LINES', '5000') };
    product = await startProduct(scripts, { MAX_LOG: '20 GB', ALLOWED_HOSTS: 'localhost', PUBLIC_URL: '' });
    person = new TestBrowser(product.port);
    await person.enterAsGuest();
    const made = await person.postForm('/projects', { name: 'Logs' }, { page: '/projects' });
    project = person.below(made.location!);
  }, 2 * MINUTE);

  afterAll(async () => {
    await product?.close();
  });

  /** Runs a pipeline to its end. @returns the address of its log. */
  async function run(pipeline: string): Promise<string> {
    const page = `${project}/run/${pipeline}`;
    const { status, location } = await person.postForm(page, {}, { page });
    expect([status, location]).toEqual([303, expect.stringMatching(/\/runs\/\d+$/)]);
    // Seldom: it is the log that shall cost something, not this.
    for (let looks = 0; looks < 600; looks++) {
      const { grows } = await rows(`${location}/log`, 'most=1');
      if (!grows && (await person.get(location!)).body.includes('data-run-state="succeeded"')) break;
      await sleep(500);
    }
    return `${location}/log`;
  }

  const json = (path: string) => person.get(path, { accept: 'application/json' });
  const rows = async (log: string, query: string) => JSON.parse((await json(`${log}/rows?${query}`)).body) as Rows;
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${product.webPid()}/status`, 'utf8'))![1]) / 1000;

  async function timed(work: () => Promise<unknown>): Promise<number> {
    const began = performance.now();
    await work();
    return performance.now() - began;
  }

  /** @returns the most memory that the web process had meanwhile, in MB. */
  async function peak(work: () => Promise<unknown>): Promise<number> {
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, rss())), 20);
    await work().finally(() => clearInterval(watch));
    return Math.max(most, rss());
  }

  /** Opens it everywhere, follows and searches it, as several people would. @returns the median of opening a place, in ms. */
  async function use(log: string): Promise<number> {
    const { size } = await rows(log, 'most=1');
    const places = Array.from({ length: 60 }, (_, index) => Math.floor(((index * 7919) % 1000) * (size / 1000)));
    const times: number[] = [];
    for (const at of places) times.push(await timed(() => rows(log, `at=${at}&most=300`)));
    for (const at of places.slice(0, 20)) expect((await person.get(`${log}?at=${at}`)).status).toBe(200);
    for (let looks = 0; looks < 30; looks++) await rows(log, `at=${size}`);
    await Promise.all(places.slice(0, 16).map((at) => rows(log, `before=${at}`)));
    for (const sought of ['q=nowhere', 'q=plate+4.&expression=1', 'errors=1']) await scan(log, sought);
    return times.toSorted((left, right) => left - right)[times.length / 2];
  }

  async function scan(log: string, sought: string): Promise<{ at: number; line: number | null }[]> {
    const hits: { at: number; line: number | null }[] = [];
    for (let from = 0; ;) {
      const answer = await json(`${log}/search?${sought}&from=${from}`);
      expect(answer.status).toBe(200);
      const part = JSON.parse(answer.body) as { hits: typeof hits; scanned: number; isDone: boolean };
      hits.push(...part.hits);
      if (part.isDone) return hits;
      from = part.scanned;
    }
  }

  async function fetchWhole(log: string): Promise<void> {
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(`${person.origin}${log}/file?download=1`, { headers: { cookie } });
    expect([answer.status, Number(answer.headers.get('content-length'))]).toEqual([200, SIZE_MB * MB]);
    let received = 0;
    for await (const chunk of answer.body!) received += chunk.length;
    expect(received).toBe(SIZE_MB * MB);
  }

  it(
    'opens at once anywhere, and costs the web process no more than a small one',
    async () => {
      const small = await run('small');
      await use(small);
      let smallMs = 0;
      const before = await peak(async () => (smallMs = await use(small)));
      const large = await run('large');

      const firstMs = await timed(async () => expect((await person.get(large)).status).toBe(200));
      const uncounted = await rows(large, `at=${(SIZE_MB * MB) / 2}&most=1`);
      expect(uncounted).toMatchObject({ size: SIZE_MB * MB, rows: [{ s: [[expect.stringContaining('plate 3'), '']] }] });
      const countMs = await timed(() => until(async () => (await rows(large, 'most=1')).lines === LINES, 5 * MINUTE));
      for (const line of [1, Math.floor(LINES / 3), LINES - 1, LINES]) {
        const found = await rows(large, `line=${line}&most=1`);
        expect([found.first, found.rows[0].s[0][0].slice(0, 13)]).toEqual([line, `tile ${String(line).padStart(8, '0')}`]);
      }
      const word = `tile ${String(LINES - 7).padStart(8, '0')}`;
      let hits: { at: number; line: number | null }[] = [];
      const searchMs = await timed(async () => (hits = await scan(large, `q=${encodeURIComponent(word)}`)));
      expect(hits).toEqual([{ at: (LINES - 8) * LINE_BYTES, line: LINES - 7 }]);

      let largeMs = 0;
      const growth = (await peak(async () => (largeMs = await use(large)))) - before;
      const download = (await peak(() => fetchWhole(large))) - before;
      const bareMs = await bareRead(large);
      print([
        `${SIZE_MB} MB, ${LINES} lines`,
        `first page ${firstMs.toFixed(0)} ms, lines counted after ${countMs.toFixed(0)} ms`,
        `a place opens in ${largeMs.toFixed(1)} ms (small log ${smallMs.toFixed(1)} ms; the same bytes read bare ${bareMs.toFixed(2)} ms, ratio ${(largeMs / bareMs).toFixed(0)})`,
        `a search through all of it ${searchMs.toFixed(0)} ms`,
        `memory of the web process ${before.toFixed(0)} MB at most with a small log, ${growth.toFixed(0)} MB more with the large one, ${download.toFixed(0)} MB more while it is downloaded`,
      ]);
      expect(growth).toBeLessThan(MOST_GROWTH_MB);
      expect(download).toBeLessThan(MOST_DOWNLOAD_MB);
    },
    20 * MINUTE,
  );

  /** Median of reading as much as one block by hand. */
  async function bareRead(log: string): Promise<number> {
    const id = /runs\/(\d+)/.exec(log)![1];
    const folder = join(product.folder, 'runs', id);
    const path = join(
      folder,
      readdirSync(folder).find((name) => name === '1')!,
      'log',
    );
    const buffer = Buffer.alloc(128 * 1024);
    const times: number[] = [];
    for (let index = 0; index < 60; index++) {
      const began = performance.now();
      const file = openSync(path, 'r');
      readSync(file, buffer, 0, buffer.length, Math.floor(((index * 7919) % 1000) * ((SIZE_MB * MB) / 1000)));
      closeSync(file);
      times.push(performance.now() - began);
    }
    return times.toSorted((left, right) => left - right)[30];
  }
});

function print(lines: string[]): void {
  process.stdout.write(`${lines.map((line) => `log: ${line}`).join('\n')}\n`);
}
