/// <reference lib="dom" />
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { PROGRESS_FILE } from '../../src/common/files/progress-file-name';
import { until } from '../until';
import { guestProject, launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const HOUR_MS = 3_600_000;
const TABS = 10;
const BEING_WRITTEN = 'Being written. It appears here as soon as it is whole.';

/** Goes on until there is a file `stop`; what else is in its folder the tests write. */
const WAITER = `#!/bin/sh
##~~ title: Waiter
##~~ output=started.txt - a word
echo started > "$1"
while [ ! -e stop ]; do sleep 0.2; done
rm stop
`;

describe('live pages in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let owner: Visitor;
  let project: string;

  beforeAll(async () => {
    product = await startProduct({ 'waiter.sh': WAITER }, { RUNNER_SLOTS: '6' });
    browser = await launchBrowser();
    owner = await newVisitor(browser, product.address);
    project = await guestProject(owner.page, 'Live');
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  /** A run whose files and progress the test writes. */
  async function startRun(page: Page): Promise<TestRun> {
    await page.goto(`${project}/run/waiter`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForURL(/\/runs\/\d+$/);
    await page.locator('[data-run-state="running"]').first().waitFor();
    const path = new URL(page.url()).pathname;
    const find = () => readdirSync(product.folder, { recursive: true }).find((one) => String(one).endsWith(`${path.slice(1)}/started.txt`));
    await until(() => find() !== undefined, 20_000);
    return new TestRun(path, join(product.folder, String(find()), '..'));
  }

  const newsOf = (page: Page) => page.evaluate(() => document.documentElement.dataset['news']);
  const follows = async (page: Page, run: TestRun, words: string) => {
    run.tell(words);
    await page.getByText(words).first().waitFor({ timeout: 25_000 });
  };

  it(
    'show results as they come, in place, and keep them when the run ends',
    async () => {
      const { page } = owner;
      const run = await startRun(page);
      await page.evaluate(() => Object.assign(window, { isStill: true }));
      const png = await noise();
      run.write('overlay.png', png.subarray(0, 20_000));
      run.write('labels.tif', Buffer.from('II*\0\0\0\0\0'));
      run.write('cells.csv', 'cell,area\n1,20\n2,3');
      await page.locator('#results').getByText(BEING_WRITTEN).first().waitFor({ timeout: 20_000 });
      expect(await page.locator('#results').getByRole('cell', { name: '20', exact: true }).count()).toBe(1);
      expect(await look(page, '120-results-so-far')).toEqual([]);
      const figure = page.locator('#results figure', { hasText: 'overlay.png' });
      const top = (await figure.boundingBox())!.height;
      run.write('overlay.png', png);
      const image = figure.locator('img');
      await image.waitFor({ timeout: 20_000 });
      await until(() => image.evaluate((element) => (element as HTMLImageElement).naturalWidth > 0));
      expect(Math.abs((await figure.boundingBox())!.height - top)).toBeLessThan(2);
      await image.evaluate((element) => Object.assign(element, { isTheSame: true }));
      run.write('zebra.png', png);
      await until(async () => (await page.locator('#live-status').textContent()) === '5 files so far', 25_000);
      run.end();
      await page.locator('[data-run-state="succeeded"]').first().waitFor({ timeout: 20_000 });
      await page.getByRole('link', { name: 'Run again' }).waitFor();
      expect(await image.evaluate((element) => 'isTheSame' in element)).toBe(true);
      expect(await page.evaluate(() => 'isStill' in window)).toBe(true);
      expect(owner.faults).toEqual([]);
    },
    3 * MINUTE,
  );

  it(
    'hold one stream for all tabs of a browser, whoever of them is closed or frozen',
    async () => {
      const { page, context, newTab } = owner;
      const run = await startRun(page);
      const streams: Page[] = [];
      context.on('request', (request) => {
        if (new URL(request.url()).pathname === '/events') streams.push(request.frame().page());
      });
      const tabs = await Promise.all(Array.from({ length: TABS }, newTab));
      // Nothing on this one is live.
      await page.goto('/help');
      for (const tab of tabs) {
        const began = Date.now();
        await tab.goto(run.path);
        await tab.locator('[data-run-state="running"]').first().waitFor();
        expect(Date.now() - began).toBeLessThan(8000);
      }
      const all = async (words: string, those: Page[]) => {
        run.tell(words);
        for (const tab of those) await tab.getByText(words).first().waitFor({ timeout: 25_000 });
      };
      await all('first third', tabs);
      const leader = streams.at(-1)!;
      await leader.close();
      const left = tabs.filter((tab) => tab !== leader);
      await all('after the leader was closed', left);
      const second = streams.at(-1)!;
      expect(second).not.toBe(leader);
      await (await context.newCDPSession(second)).send('Page.setWebLifecycleState', { state: 'frozen' });
      const rest = left.filter((tab) => tab !== second);
      await all('while the next one is frozen', rest);
      for (const tab of rest) await until(async () => (await newsOf(tab)) === 'stream', 10_000);
      await Promise.all(left.map((tab) => tab.close()));
      run.end();
    },
    3 * MINUTE,
  );

  it.each([
    ['no channel between tabs', () => Reflect.deleteProperty(window, 'BroadcastChannel')],
    ['no storage', () => Object.defineProperty(window, 'localStorage', { get: () => { throw new DOMException('no', 'SecurityError'); } })], // prettier-ignore
  ])(
    'follow where there is %s',
    async (_what, spoil) => {
      const run = await startRun(owner.page);
      const tab = await owner.newTab();
      await tab.addInitScript(spoil);
      await tab.goto(run.path);
      await until(async () => (await newsOf(tab)) === 'stream', 15_000);
      await follows(tab, run, 'alone');
      await tab.close();
      run.end();
    },
    MINUTE,
  );

  it(
    'poll where a proxy holds the stream back, and tell the right times though the clock of the browser is wrong',
    async () => {
      const run = await startRun(owner.page);
      const proxy = await startBufferingProxy(product.port);
      const tab = await owner.newTab();
      await tab.addInitScript((shift) => {
        const now = Date.now.bind(Date);
        Date.now = () => now() + shift;
      }, -5 * HOUR_MS);
      try {
        await tab.goto(`http://lab.test:${proxy.port}${run.path}`);
        await until(async () => (await newsOf(tab)) === 'polling', 20_000);
        await tab.locator('#run-head').getByText('Renewed every few seconds').waitFor();
        await follows(tab, run, 'behind a proxy');
        expect(await tab.locator('[data-since]').first().textContent()).toMatch(/^(?:\d+ s|1 min.*|2 min.*)$/);
        run.end();
        await tab.locator('[data-run-state="succeeded"]').first().waitFor({ timeout: 20_000 });
      } finally {
        await tab.close();
        await proxy.close();
      }
    },
    2 * MINUTE,
  );

  it(
    'say that the server is away, and go on when it is back; and end with the log-in',
    async () => {
      const visitor = await newVisitor(browser, product.address);
      await withCookiesOf(owner.context, visitor.context);
      const { page } = visitor;
      const run = await startRun(page);
      await until(async () => (await newsOf(page)) === 'stream', 15_000);
      await product.stopWeb();
      const away = page.locator('#live-away');
      await away.waitFor({ timeout: 30_000 });
      await page.screenshot({ path: 'test/screenshots/121-server-away.png' });
      expect(await page.locator('#live-status').textContent()).toBe(await away.textContent());
      await product.startWeb();
      await away.waitFor({ state: 'hidden', timeout: 60_000 });
      await follows(page, run, 'after the restart');
      await until(async () => (await newsOf(page)) === 'stream', 40_000);
      await visitor.context.clearCookies();
      await page.waitForURL(/\/login/, { timeout: 20_000 });
      run.end();
    },
    3 * MINUTE,
  );

  it(
    'follow for somebody who came by a link, and can be looked at again without scripts',
    async () => {
      const { page } = owner;
      const run = await startRun(page);
      await page.goto(`${run.path}/share`);
      await page.getByRole('button', { name: 'Make a link' }).click();
      const link = (await page.getByRole('region', { name: 'Link to send' }).textContent())?.trim() ?? '';
      const visitor = await newVisitor(browser, product.address);
      await visitor.page.goto(link);
      await follows(visitor.page, run, 'for a visitor');
      run.write('overlay.png', await noise());
      await visitor.page.locator('#results img').waitFor({ timeout: 20_000 });
      const plain = await newVisitor(browser, product.address, { scripts: false });
      await plain.page.goto(link);
      await plain.page.getByRole('link', { name: 'Look again' }).click();
      await plain.page.locator('#results img').waitFor();
      run.end();
      await visitor.page.locator('[data-run-state="succeeded"]').first().waitFor({ timeout: 20_000 });
      await plain.page.getByRole('link', { name: 'Look again' }).click();
      await plain.page.locator('[data-run-state="succeeded"]').first().waitFor();
      expect(visitor.faults).toEqual([]);
    },
    2 * MINUTE,
  );
});

class TestRun {
  constructor(
    readonly path: string,
    private readonly folder: string,
  ) {}

  /** Whole, or as it is in the middle: readers see one version or the other. */
  write(name: string, content: Buffer | string): void {
    writeFileSync(join(this.folder, '..', `${name}.part`), content);
    renameSync(join(this.folder, '..', `${name}.part`), join(this.folder, name));
  }

  tell(progress: string): void {
    this.write(PROGRESS_FILE, `40% ${progress}`);
  }

  end(): void {
    this.write('stop', '');
  }
}

function noise(): Promise<Buffer> {
  const pixels = Buffer.from(Uint8Array.from({ length: 200 * 150 * 3 }, () => Math.random() * 256));
  return sharp(pixels, { raw: { width: 200, height: 150, channels: 3 } })
    .png()
    .toBuffer();
}

async function withCookiesOf(from: BrowserContext, to: BrowserContext): Promise<void> {
  await to.addCookies(await from.cookies());
}

/** As some networks have it: it gathers what comes, whatever the server asks of it. */
async function startBufferingProxy(behind: number): Promise<{ port: number; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-proxy-'));
  const port = await freePort();
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
     events {}
     http {
       access_log off; gzip on; gzip_proxied any; gzip_types text/event-stream; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
       server {
         listen 127.0.0.1:${port};
         location / {
           proxy_pass http://127.0.0.1:${behind}; proxy_set_header Host lab.test:${behind}; proxy_http_version 1.1;
           proxy_buffering on; proxy_buffers 8 64k; proxy_buffer_size 64k; proxy_ignore_headers X-Accel-Buffering;
         }
       }
     }`,
  );
  const proxy: ChildProcess = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], { stdio: 'ignore' });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/livez`).catch(() => null)) !== null, 10_000);
  const close = async () => {
    proxy.kill('SIGTERM');
    await until(() => proxy.exitCode !== null || proxy.signalCode !== null, 10_000);
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, close };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
