/// <reference lib="dom" />
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';
import type { Browser, Page } from 'playwright-core';
import { BAD_ARCHIVES } from '../bad-archives';
import { until } from '../until';
import { writeZip, type ZipEntry } from '../zip-writer';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;

describe('archives in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;
  let folder: string;
  let address: string;
  const objections: string[] = [];

  beforeAll(async () => {
    product = await startProduct();
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    ({ page } = visitor);
    address = await enter(page, 'Plates');
    const projectId = address.split('/').at(-1)!;
    const files = join(product.folder, 'files');
    folder = readdirSync(files)
      .map((owner) => join(files, owner, projectId))
      .find((path) => existsSync(path))!;
    put('Plate 7.zip', [
      { name: 'well A1.txt', content: 'A1' },
      { name: 'fields/1.txt', content: '1' },
      { name: '__MACOSX/._well A1.txt' },
    ]);
    put('Large.zip', many(40_000));
    writeFileSync(join(folder, 'From somebody.zip'), BAD_ARCHIVES['symlink-dir-then-child'].bytes());
  }, 2 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  afterEach(() => {
    expect(visitor.faults.splice(0)).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  const put = (name: string, entries: ZipEntry[]) => writeFileSync(join(folder, name), writeZip(entries));
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `tiles/${index}.txt`, content: `tile ${index}` }));
  const see = async (name: string) => void objections.push(...(await look(page, name)));
  /** The bar of a selection floats over the list, and may cover a part of any row. */
  const seeSelection = async (name: string) =>
    void objections.push(...(await look(page, name)).filter((objection) => !objection.includes('target-size')));
  const task = (name: string, state: string) => page.locator(`[data-task-state="${state}"]`, { hasText: `Unpack ${name}` });

  async function choose(name: string, what: string): Promise<void> {
    await page.getByRole('row', { name }).locator('summary').click();
    await page.getByRole('row', { name }).getByRole('button', { name: what, exact: true }).click();
  }

  async function names(path: string): Promise<string[]> {
    const entries = await new ZipReader(new Uint8ArrayReader(readFileSync(path)), {
      strictness: 'strict',
      useWebWorkers: false,
    }).getEntries();
    return entries.map((entry) => entry.filename);
  }

  async function download(click: () => Promise<void>): Promise<{ name: string; path: string }> {
    const [event] = await Promise.all([page.waitForEvent('download'), click()]);
    return { name: event.suggestedFilename(), path: await event.path() };
  }

  it(
    'are unpacked on request, and their contents appear without a reload',
    async () => {
      await page.goto(address);
      await choose('Plate 7.zip', 'Unpack');
      await task('Plate 7.zip', 'done').waitFor({ timeout: MINUTE });
      await page.getByRole('row', { name: 'Select Plate 7 Plate 7' }).waitFor();
      await task('Plate 7.zip', 'done').getByText('2 files were unpacked into Plate 7.').waitFor();
      await task('Plate 7.zip', 'done').getByRole('link').click();
      await page.getByRole('link', { name: 'well A1.txt' }).waitFor();
      await page.goto(address);
      await choose('Plate 7.zip', 'Unpack here');
      await page.getByRole('link', { name: 'well A1.txt' }).waitFor({ timeout: MINUTE });
    },
    2 * MINUTE,
  );

  it(
    'show how far they are, and can be cancelled in the middle',
    async () => {
      await choose('Large.zip', 'Unpack');
      const working = task('Large.zip', 'working');
      await working.getByText(/ of 40,000 files/).waitFor({ timeout: MINUTE });
      await until(async () => Number(await working.locator('progress').getAttribute('value')) > 0, MINUTE);
      await see('50-unpacking');
      await page.getByRole('button', { name: 'Cancel: Unpack Large.zip' }).click();
      await task('Large.zip', 'cancelled').getByText('Cancelled. Nothing of it remains.').waitFor({ timeout: MINUTE });
      expect(existsSync(join(folder, 'Large'))).toBe(false);
      expect(readdirSync(join(folder, '..', '.staging'))).toEqual([]);
    },
    3 * MINUTE,
  );

  it(
    'are refused with the entry and the reason',
    async () => {
      await choose('From somebody.zip', 'Unpack');
      await task('From somebody.zip', 'failed')
        .getByText('because of the entry dir: it is a link to another place.')
        .waitFor({ timeout: MINUTE });
      await see('51-refused');
      await page.getByRole('button', { name: 'Take out of the list: Unpack From somebody.zip' }).click();
      await task('From somebody.zip', 'failed').waitFor({ state: 'detached' });
    },
    2 * MINUTE,
  );

  it(
    'are made of a selection, a folder and the whole project',
    async () => {
      await page.goto(address);
      await page.getByRole('checkbox', { name: 'Select well A1.txt' }).check();
      await page.getByRole('checkbox', { name: 'Select Plate 7', exact: true }).check();
      await seeSelection('52-selection');
      const selection = await download(() => page.getByRole('button', { name: 'Download as zip' }).click());
      expect(selection.name).toBe('Plates.zip');
      expect(await names(selection.path)).toEqual([
        'well A1.txt',
        'Plate 7/',
        'Plate 7/well A1.txt',
        'Plate 7/fields/',
        'Plate 7/fields/1.txt',
      ]);
      await page.getByRole('row', { name: 'Select Plate 7 Plate 7' }).locator('summary').click();
      const one = await download(() =>
        page.getByRole('row', { name: 'Select Plate 7 Plate 7' }).getByRole('link', { name: 'Download as zip' }).click(),
      );
      expect([one.name, (await names(one.path))[0]]).toEqual(['Plate 7.zip', 'Plate 7/']);
      const all = await download(() => page.getByRole('link', { name: 'Download all as zip' }).click());
      expect([all.name, await names(all.path)]).toEqual(['Plates.zip', expect.arrayContaining(['Plates/', 'Plates/Large.zip'])]);
    },
    2 * MINUTE,
  );

  it(
    'are unpacked without scripts too',
    async () => {
      const plain = await newVisitor(browser, product.address, { scripts: false });
      await plain.context.addCookies(await visitor.context.cookies());
      await plain.page.goto(address);
      await plain.page.getByRole('row', { name: 'Plate 7.zip' }).locator('summary').click();
      await plain.page.getByRole('row', { name: 'Plate 7.zip' }).getByRole('button', { name: 'Unpack', exact: true }).click();
      await plain.page.getByText('Plate 7.zip is being unpacked.').waitFor();
      await until(() => existsSync(join(folder, 'Plate 7 (2)')), MINUTE);
      await until(async () => {
        await plain.page.reload();
        return (await plain.page.getByText('2 files were unpacked into Plate 7 (2).').count()) > 0;
      }, MINUTE);
      expect(plain.faults).toEqual([]);
      await plain.context.close();
    },
    2 * MINUTE,
  );
});

/** @returns the address of a new project of a new guest. */
async function enter(page: Page, project: string): Promise<string> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Continue as guest' }).first().click();
  await page.getByRole('link', { name: 'Projects' }).first().waitFor();
  await page.goto('/projects');
  await page.getByLabel('Project name').first().fill(project);
  await page.getByRole('button', { name: 'Create project' }).first().click();
  await page.waitForURL(/\/projects\/[\w-]{10,}/);
  return page.url();
}
