import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { until } from '../until';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const SCREENSHOTS = resolve(__dirname, '..', 'screenshots');
const MINUTE = 60_000;
const MEGABYTE = 1_000_000;

describe('uploads in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let source: string;
  let people = 0;
  const visitors: Visitor[] = [];
  const objections: string[] = [];

  beforeAll(async () => {
    source = mkdtempSync(join(tmpdir(), 'showrunner-source-'));
    product = await startProduct({}, { SAMPLE_PROJECT: 'off', USER_UPLOAD: '100 MB' });
    browser = await launchBrowser();
  }, 4 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await product?.close();
    rmSync(source, { recursive: true, force: true });
  });

  afterEach(async () => {
    const faults = visitors.flatMap((visitor) => visitor.faults).filter((fault) => !isOfBrokenNetwork(fault));
    await Promise.all(visitors.splice(0).map((visitor) => visitor.context.close()));
    expect(faults).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  const see = async (page: Page, name: string) => void objections.push(...(await look(page, name)));

  /** A person of their own in a new, empty project. */
  async function inNewProject(options: { scripts?: boolean } = {}): Promise<Visitor> {
    const visitor = await newVisitor(browser, product.address, options);
    visitors.push(visitor);
    const { page } = visitor;
    await page.goto('/signup');
    await page.getByLabel('Email').fill(`sender-${(people += 1)}@example.org`);
    await page.getByLabel('Password').fill('seven good words');
    await page.getByRole('main').getByRole('button', { name: 'Sign up' }).click();
    await page.waitForURL((url) => !url.pathname.startsWith('/signup'));
    await page.goto('/projects');
    await page.getByLabel('Project name').fill('Slides');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
    return visitor;
  }

  function write(name: string, content: Buffer | string): string {
    const path = join(source, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** Where the files of the project on the page lie. */
  function folderOf(page: Page): string {
    const id = /projects\/([0-9a-f-]{36})/.exec(page.url())![1];
    const files = join(product.folder, 'files');
    const owner = readdirSync(files).find((name) => existsSync(join(files, name, id)))!;
    return join(files, owner, id);
  }

  const parts = (page: Page) => readdirSync(join(folderOf(page), '..', '.staging')).filter((name) => name.endsWith('.part'));
  const choose = (page: Page, ...paths: string[]) => page.locator('#upload-files').setInputFiles(paths);
  const row = (page: Page, name: string) => page.locator('#upload-rows .upload', { hasText: name });
  const inList = (page: Page, name: string) => page.locator('#files-listing').getByText(name, { exact: true }).first();
  const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

  const sessions = new WeakMap<Page, CDPSession>();

  /** The network of a page. @param bytes that leave it in a second; -1: any number; 0: there is no network. */
  async function network(page: Page, bytes: number): Promise<void> {
    const session = sessions.get(page) ?? (await page.context().newCDPSession(page));
    sessions.set(page, session);
    await session.send('Network.enable');
    const throughput = { latency: 0, downloadThroughput: -1, uploadThroughput: Math.max(bytes, -1) || -1 };
    await session.send('Network.emulateNetworkConditions', { offline: bytes === 0, ...throughput });
  }

  /** Drops files and folders of this machine onto the page, as a file manager does. */
  async function drop(page: Page, ...files: string[]): Promise<void> {
    const session = await page.context().newCDPSession(page);
    const box = (await page.locator('form.drop').boundingBox())!;
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: box.x + 20, y: box.y + 10, data });
    }
  }

  it(
    'takes a dropped folder with everything in it, empty folders too, in few lines',
    async () => {
      const { page } = await inNewProject();
      await see(page, '30-uploads-none');
      for (let index = 0; index < 150; index += 1) write(`scan/day ${index % 3}/tile ${index}.txt`, `tile ${index}`);
      const large = randomBytes(3 * MEGABYTE);
      write('scan/Größe.tif', large);
      write('scan/empty.txt', '');
      mkdirSync(join(source, 'scan', 'nothing', 'in here'), { recursive: true });
      await drop(page, join(source, 'scan'));
      await inList(page, 'scan').waitFor({ timeout: MINUTE });
      await until(() => existsSync(join(folderOf(page), 'scan', 'nothing', 'in here')) && parts(page).length === 0, MINUTE);
      await until(async () => (await page.locator('#live-status').textContent()) === 'Uploaded: 152');
      const folder = folderOf(page);
      expect(sha256(readFileSync(join(folder, 'scan', 'Größe.tif')))).toBe(sha256(large));
      expect(readFileSync(join(folder, 'scan', 'empty.txt'), 'utf8')).toBe('');
      const tiles = [0, 1, 2].flatMap((day) => readdirSync(join(folder, 'scan', `day ${day}`)));
      expect(tiles.length).toBe(150);
      expect(readFileSync(join(folder, 'scan', 'day 1', 'tile 148.txt'), 'utf8')).toBe('tile 148');
      expect(await page.locator('#upload-rows .upload').count()).toBeLessThanOrEqual(100);
    },
    2 * MINUTE,
  );

  it(
    'pauses, goes on and cancels, each file and all, by keys alone',
    async () => {
      const { page } = await inNewProject();
      const contents = [1, 2, 3, 4].map(() => randomBytes(4 * MEGABYTE));
      const paths = contents.map((content, index) => write(`plate ${index + 1}.tif`, content));
      await network(page, 1.5 * MEGABYTE);
      await choose(page, ...paths);
      await row(page, 'plate 1.tif')
        .getByText(/[kM]B\/s/)
        .waitFor();
      expect(await page.locator('#upload-rows [data-state="sending"]').count()).toBe(3);
      await see(page, '31-uploads-sending');

      const press = async (name: string, key = 'Enter') => {
        await page.getByRole('button', { name, exact: true }).focus();
        await page.keyboard.press(key);
      };
      await press('Pause plate 1.tif');
      await row(page, 'plate 1.tif').getByText('paused').waitFor();
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Go on with plate 1.tif');
      await until(async () => (await row(page, 'plate 4.tif').getAttribute('data-state')) === 'sending');
      await press('Cancel plate 2.tif', 'Space');
      await row(page, 'plate 2.tif').getByText('cancelled').waitFor();
      await press('Pause all');
      await until(async () => (await page.locator('#upload-rows [data-state="sending"]').count()) === 0);
      await see(page, '32-uploads-paused');
      expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Go on');
      await page.keyboard.press('Enter');
      await network(page, -1);
      for (const name of ['plate 1.tif', 'plate 3.tif', 'plate 4.tif']) await inList(page, name).waitFor({ timeout: MINUTE });
      const folder = folderOf(page);
      for (const index of [0, 2, 3]) expect(sha256(readFileSync(join(folder, `plate ${index + 1}.tif`)))).toBe(sha256(contents[index]));
      expect(existsSync(join(folder, 'plate 2.tif'))).toBe(false);
      await until(() => parts(page).length === 0);
    },
    2 * MINUTE,
  );

  it(
    'waits for a network that is away, and for a server that was killed, and goes on by itself',
    async () => {
      const { page } = await inNewProject();
      const content = randomBytes(12 * MEGABYTE);
      await network(page, 3 * MEGABYTE);
      await choose(page, write('stack.qptiff', content));
      await row(page, 'stack.qptiff')
        .getByText(/[kM]B\/s/)
        .waitFor();
      await network(page, 0);
      await row(page, 'stack.qptiff').getByText('waiting for the network; it goes on by itself').waitFor();
      expect(await page.locator('#live-status').textContent()).toBe('The network is away. The uploads wait for it.');
      await network(page, 3 * MEGABYTE);
      await row(page, 'stack.qptiff')
        .getByText(/[kM]B\/s/)
        .waitFor({ timeout: 20_000 });

      process.kill(product.webPid(), 'SIGKILL');
      await row(page, 'stack.qptiff').getByText('no answer from the server; it is tried again by itself').waitFor();
      await product.startWeb();
      await network(page, -1);
      await inList(page, 'stack.qptiff').waitFor({ timeout: MINUTE });
      expect(sha256(readFileSync(join(folderOf(page), 'stack.qptiff')))).toBe(sha256(content));
      expect(parts(page)).toEqual([]);
    },
    3 * MINUTE,
  );

  it(
    'remembers what a closed tab left, for every browser, and goes on when the file is chosen again',
    async () => {
      const { page, context } = await inNewProject();
      page.on('dialog', (dialog) => void dialog.accept());
      const content = randomBytes(9 * MEGABYTE);
      const path = write('slides/tissue.tif', content);
      await network(page, 2 * MEGABYTE);
      await choose(page, path, write('slides/second.tif', randomBytes(9 * MEGABYTE)));
      await until(async () => Number(await row(page, 'tissue.tif').locator('progress').getAttribute('value')) > MEGABYTE);
      const folder = folderOf(page);
      await page.reload();
      await network(page, -1);
      const line = page.locator('[data-unfinished]', { hasText: 'tissue.tif' });
      await line.getByText(/arrived, begun/).waitFor();
      await until(
        async () => (await page.locator('[data-unfinished] button', { hasText: 'Discard' }).count()) === 2 || !(await page.reload()),
      );
      await see(page, '33-uploads-unfinished');

      const other = await newVisitor(browser, product.address);
      visitors.push(other);
      await other.context.addCookies(await context.cookies());
      await other.page.goto(page.url());
      await other.page.locator('[data-unfinished]', { hasText: 'tissue.tif' }).waitFor();

      const again = async (file: string) => {
        const chooser = page.waitForEvent('filechooser');
        await line.getByRole('button', { name: /Choose the file again/ }).press('Enter');
        await (await chooser).setFiles(file);
      };
      await again(write('elsewhere/tissue.tif', randomBytes(1000)));
      await line.getByText('This is another file.').waitFor();
      const received = await partSizes(page);
      const sent: number[] = [];
      page.on('request', (request) => {
        if (request.method() === 'PATCH') sent.push(Number(request.headers()['upload-offset']));
      });
      await again(path);
      await inList(page, 'tissue.tif').waitFor({ timeout: MINUTE });
      expect(sha256(readFileSync(join(folder, 'tissue.tif')))).toBe(sha256(content));
      expect(received).toContain(sent[0]);
      expect(sent[0]).toBeGreaterThan(MEGABYTE / 2);

      await page.locator('[data-unfinished]', { hasText: 'second.tif' }).getByRole('button', { name: 'Discard second.tif' }).press('Enter');
      await page.getByText('What had arrived of second.tif was removed.').waitFor();
      expect(parts(page)).toEqual([]);
    },
    2 * MINUTE,
  );

  it(
    'goes on with a dropped folder of which a part has arrived, without sending that part again',
    async () => {
      const { page } = await inNewProject();
      page.on('dialog', (dialog) => void dialog.accept());
      const content = randomBytes(6 * MEGABYTE);
      write('again/deep/large.tif', content);
      await network(page, 1.5 * MEGABYTE);
      await drop(page, join(source, 'again'));
      await until(async () => Number(await row(page, 'again/deep/large.tif').locator('progress').getAttribute('value')) > MEGABYTE);
      await page.goto('/projects');
      await page.goBack();
      const offsets: number[] = [];
      page.on('request', (request) => {
        if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
      });
      await drop(page, join(source, 'again'));
      await inList(page, 'again').waitFor({ timeout: MINUTE });
      await until(() => existsSync(join(folderOf(page), 'again', 'deep', 'large.tif')));
      expect(sha256(readFileSync(join(folderOf(page), 'again', 'deep', 'large.tif')))).toBe(sha256(content));
      expect(offsets[0]).toBeGreaterThan(0);
      expect(offsets.length).toBe(1);
    },
    2 * MINUTE,
  );

  it(
    'asks about names that are taken, by keys, once for all if somebody likes',
    async () => {
      const { page } = await inNewProject();
      // A file that is being replaced has no name for a moment, which may be between two looks.
      const begins = (name: string) => {
        try {
          return readFileSync(join(folderOf(page), name), 'utf8').slice(0, 3);
        } catch {
          return '';
        }
      };
      const contents = () => Object.fromEntries(readdirSync(folderOf(page)).map((name) => [name, begins(name)]));
      const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt'];
      await choose(page, ...names.map((name) => write(`old/${name}`, `old ${name}`)));
      for (const name of names) await inList(page, name).waitFor();
      const large = write('new/large.bin', Buffer.alloc(2 * MEGABYTE, 'new'));
      await choose(page, ...names.map((name) => write(`new/${name}`, `new ${name}`)), large);
      const question = page.locator('#upload-question');
      await question.getByText(/^a\.txt is here already, with 9 bytes, changed/).waitFor();
      await inList(page, 'large.bin').waitFor();
      await see(page, '34-uploads-question');
      await question.getByRole('button', { name: 'Keep both' }).press('Enter');
      await question.getByText(/^b\.txt is here already/).waitFor();
      expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Keep both');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await question.getByText(/^c\.txt is here already/).waitFor();
      await question.getByRole('checkbox').press('Space');
      await question.getByRole('button', { name: 'Leave out' }).press('Space');
      await question.waitFor({ state: 'hidden' });
      await inList(page, 'a (2).txt').waitFor();
      await until(() => begins('b.txt') === 'new');
      expect(contents()).toEqual({
        'a.txt': 'old',
        'a (2).txt': 'new',
        'b.txt': 'new',
        'c.txt': 'old',
        'd.txt': 'old',
        'large.bin': 'new',
      });
      await page.getByText('3 of 5 files · 2 left out').waitFor();

      await choose(page, large, ...names.map((name) => write(`new/${name}`, `NEW ${name}`)));
      await question.waitFor();
      await question.getByRole('checkbox').check();
      await question.getByRole('button', { name: 'Replace' }).click();
      await until(() => begins('d.txt') === 'NEW' && begins('a.txt') === 'NEW');
      await page.goto(`${page.url().split('?')[0]}/trash`);
      expect(await page.getByRole('main').getByText('d.txt').count()).toBeGreaterThan(0);
    },
    2 * MINUTE,
  );

  it(
    'says what was not stored and why, and tries again when it is told to',
    async () => {
      const { page } = await inNewProject();
      await choose(page, write('bad/CON.txt', 'x'), write('bad/good.txt', 'good'), write('bad/large.bin', Buffer.alloc(2 * MEGABYTE)));
      await row(page, 'CON.txt').getByText('reserved on Windows').waitFor();
      await inList(page, 'large.bin').waitFor();
      await see(page, '35-uploads-failed');
      await row(page, 'CON.txt').getByRole('button', { name: 'Try again: CON.txt' }).press('Enter');
      await row(page, 'CON.txt').getByText('reserved on Windows').waitFor();
      await row(page, 'CON.txt').getByRole('button', { name: 'Close CON.txt' }).press('Enter');
      await row(page, 'CON.txt').waitFor({ state: 'detached' });
      expect(readdirSync(folderOf(page)).sort()).toEqual(['good.txt', 'large.bin']);
    },
    2 * MINUTE,
  );

  it(
    'works without scripts, and says there too what becomes of taken names',
    async () => {
      const { page } = await inNewProject({ scripts: false });
      const path = write('plain/a.txt', 'one');
      for (const choice of ['keep both', 'leave out', 'keep both']) {
        await page.locator('#upload-files').setInputFiles(path);
        await page.getByLabel('If a name is taken').selectOption({ label: choice });
        await page.getByRole('button', { name: 'Upload' }).click();
        await page
          .getByText(/uploaded|left out/)
          .first()
          .waitFor();
      }
      expect(readdirSync(folderOf(page)).sort()).toEqual(['a (2).txt', 'a.txt']);
      await page.screenshot({ path: join(SCREENSHOTS, '36-uploads-without-scripts-1280-light.png'), fullPage: true });
    },
    2 * MINUTE,
  );

  async function partSizes(page: Page): Promise<number[]> {
    return page.locator('[data-unfinished]').evaluateAll(async (lines) => {
      const address = `${location.pathname}/uploads`;
      const answer = await fetch(address, { headers: { accept: 'application/json' } });
      const { uploads } = (await answer.json()) as { uploads: { received: number }[] };
      return lines.length > 0 ? uploads.map(({ received }) => received) : [];
    });
  }
});

/** What the console says of requests that a test broke on purpose. */
function isOfBrokenNetwork(fault: string): boolean {
  return /net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|NETWORK_CHANGED|INCOMPLETE_CHUNKED_ENCODING)/.test(
    fault,
  );
}
