/// <reference lib="dom" />
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { tiff } from '../tiff';
import { until } from '../until';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const SMALL_PDF =
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj ' +
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>';

describe('the files of a project in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  const visitors: Visitor[] = [];
  const objections: string[] = [];
  let people = 0;

  beforeAll(async () => {
    product = await startProduct({}, { SAMPLE_PROJECT: 'off' });
    browser = await launchBrowser();
  }, 2 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  afterEach(async () => {
    const faults = visitors.flatMap((visitor) => visitor.faults);
    await Promise.all(visitors.splice(0).map((visitor) => visitor.context.close()));
    expect(faults).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  const see = async (page: Page, name: string) => void objections.push(...(await look(page, name)));

  /** A person with a project that holds files, and where those lie. */
  async function withFiles(options: { scripts?: boolean } = {}): Promise<{ page: Page; folder: string; url: string }> {
    const visitor = await newVisitor(browser, product.address, options);
    visitors.push(visitor);
    const { page } = visitor;
    await page.goto('/signup');
    await page.getByLabel('Email').fill(`files-${(people += 1)}@example.org`);
    await page.getByLabel('Password').fill('seven good words');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.goto('/projects');
    await page.getByLabel('Project name').fill('Pancreas, core C7');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
    const url = page.url();
    const folder = folderOf(url.split('/').at(-1)!);
    await fill(folder);
    await page.reload();
    return { page, folder, url };
  }

  function folderOf(project: string): string {
    const root = join(product.folder, 'files');
    const owner = readdirSync(root).find((name) => existsSync(join(root, name, project)));
    return join(root, owner!, project);
  }

  const read = (...names: string[]) => readFileSync(join(...names), 'utf8');
  const row = (page: Page, name: string): Locator => page.locator(`[data-entry][data-name="${name}"]`);
  const names = (page: Page) => page.locator('[data-entry]').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['name']));
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-entry]')?.dataset['name']);
  const said = (page: Page) => page.locator('#files-notes');
  const settled = (page: Page, sentence: string) => said(page).getByText(sentence).waitFor();
  const menu = async (page: Page, name: string, item: string) => {
    await row(page, name).locator('details.menu > summary').click();
    await row(page, name).getByRole('button', { name: item }).click();
  };

  it(
    'are sorted, filtered and shown as pictures, and each has a page',
    async () => {
      const { page, url } = await withFiles();
      expect(await names(page)).toEqual(
        ['markers', 'cells.csv', 'DAPI.tif', 'notes.txt', 'plan.pdf', 'torn.png', 'tissue.jpg'].sort(byName),
      );
      await see(page, 'files-01-list');
      await page.getByRole('link', { name: 'Size' }).click();
      await page.waitForURL(/sort=size&order=desc/);
      expect((await names(page)).slice(0, 2)).toEqual(['markers', 'notes.txt']);
      expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('sort-size');
      await page.getByLabel('Part of the name').pressSequentially('.TI');
      await until(async () => (await names(page)).join() === 'DAPI.tif');
      expect(page.url()).toContain('filter=.TI');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('files-filter');
      await page.reload();
      expect(await names(page)).toEqual(['DAPI.tif']);
      await page.getByLabel('Part of the name').fill('nothing like it');
      await page.getByText('No name here contains').waitFor();
      await page.getByRole('link', { name: 'Show all' }).click();
      await until(async () => (await names(page)).length === 7);

      await page.getByRole('button', { name: 'Pictures' }).click();
      await page.locator('.tiles').waitFor();
      await page.goto(url);
      await page.locator('.tiles').waitFor();
      await page.locator('.tile img').first().scrollIntoViewIfNeeded();
      const widths = await page.locator('.tile img').evaluateAll(async (all) => {
        for (const image of all as HTMLImageElement[]) image.loading = 'eager';
        await Promise.all((all as HTMLImageElement[]).map((image) => image.decode()));
        return (all as HTMLImageElement[]).map((image) => image.naturalWidth);
      });
      expect(widths.length).toBe(3);
      expect(Math.min(...widths)).toBeGreaterThan(50);
      await see(page, 'files-02-pictures');
      await page.getByRole('button', { name: 'Table', exact: true }).click();
      await page.locator('table[data-entries]').waitFor();

      await row(page, 'tissue.jpg').getByRole('link').click();
      await page.getByRole('img', { name: 'Picture of tissue.jpg' }).waitFor();
      await see(page, 'files-03-picture');
      await page.keyboard.press('ArrowRight');
      await page.getByRole('heading', { name: 'torn.png', level: 1 }).waitFor();
      await page.getByRole('link', { name: 'Previous file: tissue.jpg' }).click();
      await page.getByRole('heading', { name: 'tissue.jpg', level: 1 }).waitFor();
      for (const [name, content] of [
        ['cells.csv', 'T cell 7'],
        ['notes.txt', 'The first 64 kB are shown'],
        ['plan.pdf', 'Document'],
      ] as const) {
        await page.goto(`${url}/view/${name}`);
        if (name === 'plan.pdf') await page.locator('iframe, a:has-text("Open the document")').first().waitFor();
        else await page.getByText(content).first().waitFor();
      }
    },
    2 * MINUTE,
  );

  it(
    'are renamed, moved, copied, deleted and brought back with the mouse',
    async () => {
      const { page, folder, url } = await withFiles();
      await menu(page, 'notes.txt', 'Rename');
      const field = page.getByLabel('New name for notes.txt');
      await field.fill('a:b');
      await field.press('Enter');
      await page.getByText('which not every computer can store').waitFor();
      await field.fill('diary.txt');
      await field.press('Enter');
      await settled(page, 'notes.txt is now named diary.txt.');
      expect(await focused(page)).toBe('diary.txt');
      expect(existsSync(join(folder, 'diary.txt'))).toBe(true);

      await page.getByText('New folder', { exact: true }).first().click();
      await page.getByLabel('Name of the new folder').fill('raw');
      await page.getByRole('button', { name: 'Make folder' }).click();
      await settled(page, 'The folder raw is ready.');
      expect(await focused(page)).toBe('raw');

      await row(page, 'cells.csv').dragTo(row(page, 'raw'));
      await settled(page, 'cells.csv was moved to raw.');
      expect(existsSync(join(folder, 'raw', 'cells.csv'))).toBe(true);

      writeFileSync(join(folder, 'raw', 'diary.txt'), 'there before');
      await page.getByRole('checkbox', { name: 'Select diary.txt' }).check();
      await page.getByRole('checkbox', { name: 'Select torn.png' }).check();
      await page.getByText('2 selected').waitFor();
      await page.locator('.selbar').getByRole('button', { name: 'Move to…' }).click();
      await page.getByRole('heading', { name: 'Move 2 entries' }).waitFor();
      await page.getByRole('button', { name: 'raw' }).click();
      await see(page, 'files-04-picker');
      await page.getByRole('button', { name: 'Move to raw' }).click();
      await page.getByText('1 of these names is taken in raw').waitFor();
      await page.getByRole('button', { name: 'Keep both' }).click();
      await page.getByText('2 entries were moved to raw.').waitFor();
      expect(readdirSync(join(folder, 'raw')).sort()).toEqual(['cells.csv', 'diary (2).txt', 'diary.txt', 'torn.png']);
      expect(read(folder, 'raw', 'diary.txt')).toBe('there before');

      await menu(page, 'raw', 'Copy to…');
      await page.getByRole('button', { name: 'Copy to Pancreas, core C7' }).click();
      await page.getByText('raw (2) was copied to Pancreas, core C7.').waitFor();
      expect(readdirSync(join(folder, 'raw (2)')).length).toBe(4);

      const boxes = page.locator('tbody input[type="checkbox"]');
      await boxes.nth(1).click();
      await boxes.nth(3).click({ modifiers: ['Shift'] });
      await page.getByText('3 selected').waitFor();
      const before = await names(page);
      await page.locator('.selbar').getByRole('button', { name: 'Delete' }).click();
      await settled(page, '3 entries were deleted.');
      expect(await names(page)).toHaveLength(before.length - 3);
      await said(page).getByRole('button', { name: 'Undo' }).click();
      await settled(page, '3 entries are back.');
      expect(await names(page)).toEqual(before);

      await menu(page, 'DAPI.tif', 'Delete');
      await settled(page, 'DAPI.tif was deleted.');
      await menu(page, 'plan.pdf', 'Delete');
      await settled(page, 'plan.pdf was deleted.');
      await page.getByRole('link', { name: 'Trash (2)' }).click();
      await see(page, 'files-05-trash');
      await page.getByRole('button', { name: 'Bring back DAPI.tif' }).click();
      await page.getByText('DAPI.tif is back in Pancreas, core C7.').waitFor();
      await page.getByText('Empty the trash').click();
      await page.getByRole('button', { name: 'Delete all for good' }).click();
      await page.getByRole('heading', { name: 'The trash is empty' }).waitFor();
      await page.goto(url);
      expect(existsSync(join(folder, 'DAPI.tif'))).toBe(true);
    },
    2 * MINUTE,
  );

  it(
    'are worked on by keys alone',
    async () => {
      const { page, folder } = await withFiles();
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key);
      };
      const tabTo = async (matches: () => Promise<boolean>) => {
        for (let steps = 0; steps < 60 && !(await matches()); steps += 1) await press('Tab');
        expect(await matches()).toBe(true);
      };
      const isOn = (selector: string) => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
      await page.evaluate(() => document.body.focus());
      await tabTo(() => isOn('[data-open]'));
      const all = await names(page);
      expect(await focused(page)).toBe(all[0]);
      await press('ArrowDown', 'ArrowDown');
      expect(await focused(page)).toBe(all[2]);
      await press('End');
      expect(await focused(page)).toBe(all.at(-1));
      await press('PageUp', 'ArrowDown', 'Space');
      await page.getByText('1 selected').waitFor();
      await press('Shift+ArrowDown', 'Shift+ArrowDown');
      await page.getByText('3 selected').waitFor();
      await press('Shift+ArrowUp');
      await page.getByText('2 selected').waitFor();
      await press('Control+a');
      await page.getByText(`${all.length} selected`).waitFor();
      await press('Escape');
      expect(await page.locator('.selbar').isVisible()).toBe(false);

      // One stop of the Tab key for all entries, and out again: no trap.
      await tabTo(() =>
        page.evaluate(() => document.activeElement !== document.body && !document.activeElement?.closest('[data-entries]')),
      );
      await tabTo(() => isOn('a[href$="/help"]'));

      await press('?');
      expect(await page.locator('#file-keys').isVisible()).toBe(false);
      await row(page, 'notes.txt').getByRole('link').focus();
      await press('?');
      await page.getByRole('heading', { name: 'Keyboard shortcuts of this list' }).waitFor();
      await press('Escape');
      expect(await focused(page)).toBe('notes.txt');
      await press('F2');
      await page.keyboard.type('diary');
      await press('Enter');
      await settled(page, 'notes.txt is now named diary.txt.');
      expect(await focused(page)).toBe('diary.txt');
      await press('Delete');
      await settled(page, 'diary.txt was deleted.');
      expect(await focused(page)).toBe('plan.pdf');
      expect(existsSync(join(folder, 'diary.txt'))).toBe(false);
      await press('Control+z');
      await settled(page, 'diary.txt is back.');
      expect(existsSync(join(folder, 'diary.txt'))).toBe(true);

      await press('/');
      await page.keyboard.type('mark');
      await until(async () => (await names(page)).join() === 'markers');
      await press('ArrowDown');
      expect(await focused(page)).toBe('markers');
      await press('Enter');
      await page.waitForURL(/path=markers/);
      await until(async () => (await focused(page)) === 'CD4.txt');
      await press('Shift+F10');
      expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Download');
      await press('Escape');
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SUMMARY');
      await row(page, 'CD8.txt').getByRole('link').focus();
      await press('Shift+F10', 'Tab', 'Tab', 'Enter');
      await page.getByRole('heading', { name: 'Move CD8.txt' }).waitFor();
      await tabTo(() => isOn('button[name="in"]'));
      await press('Enter');
      await page.getByRole('button', { name: 'Move to Pancreas, core C7' }).waitFor();
      await tabTo(() => isOn('button[name="to"]'));
      await press('Enter');
      await page.getByText('CD8.txt was moved to Pancreas, core C7.').waitFor();
      expect(existsSync(join(folder, 'CD8.txt'))).toBe(true);
      await row(page, 'CD4.txt').getByRole('link').focus();
      await press('Backspace');
      await page.waitForURL((address) => !address.search.includes('path='));
      await until(async () => (await focused(page)) !== undefined);
    },
    2 * MINUTE,
  );

  it(
    'are all of that without scripts',
    async () => {
      const { page, folder, url } = await withFiles({ scripts: false });
      await page.getByRole('link', { name: 'Size' }).click();
      await page.getByLabel('Part of the name').fill('.t');
      await page.getByRole('button', { name: 'Filter' }).click();
      expect(page.url()).toMatch(/sort=size&order=desc&filter=.t$/);
      await menu(page, 'notes.txt', 'Rename');
      await page.getByLabel('New name').fill('CON.txt');
      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByText('is reserved on Windows').waitFor();
      await page.getByLabel('New name').fill('diary.txt');
      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByText('notes.txt is now named diary.txt.').waitFor();
      expect(page.url()).toContain('sort=size');
      await page.goto(url);
      await page.getByText('New folder', { exact: true }).first().click();
      await page.getByLabel('Name of the new folder').fill('raw');
      await page.getByRole('button', { name: 'Make folder' }).click();
      await page.getByRole('checkbox', { name: 'Select diary.txt' }).check();
      await page.getByRole('checkbox', { name: 'Select diary.txt' }).press('Enter');
      // The first button of the form, which Enter presses, asks for a name and changes nothing.
      await page.getByRole('heading', { name: 'Rename diary.txt' }).waitFor();
      await page.getByRole('link', { name: 'Cancel' }).click();
      await page.getByRole('checkbox', { name: 'Select diary.txt' }).check();
      await page.locator('.selbar').getByRole('button', { name: 'Copy to…' }).click();
      await page.getByRole('button', { name: 'raw' }).click();
      await page.getByRole('button', { name: 'Copy to raw' }).click();
      await page.getByText('diary.txt was copied to raw.').waitFor();
      expect(read(folder, 'raw', 'diary.txt')).toBe(read(folder, 'diary.txt'));
      await menu(page, 'raw', 'Delete');
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('raw is back.').waitFor();
    },
    2 * MINUTE,
  );
});

function byName(one: string, other: string): number {
  if (one === 'markers' || other === 'markers') return one === 'markers' ? -1 : 1;
  return one.localeCompare(other, 'en', { sensitivity: 'base', numeric: true });
}

async function fill(folder: string): Promise<void> {
  mkdirSync(join(folder, 'markers'));
  for (const name of ['CD4.txt', 'CD8.txt']) writeFileSync(join(folder, 'markers', name), name);
  const cells = Array.from({ length: 150 }, (_, index) => `${index},T cell ${index},${(index * 37) % 911}`);
  const deep = tiff(
    Uint16Array.from({ length: 60 * 40 }, (_, index) => 100 + ((index * 7919) % 3000)),
    60,
    40,
  );
  const photo = await sharp({ create: { width: 400, height: 300, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  const files: Record<string, string | Buffer> = {
    'cells.csv': `id,type,area\n${cells.join('\n')}\n`,
    'DAPI.tif': deep,
    'notes.txt': `First line\n${'lorem ipsum dolor sit amet '.repeat(3000)}`,
    'plan.pdf': SMALL_PDF,
    'tissue.jpg': photo,
    'torn.png': 'no picture at all',
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    utimesSync(join(folder, name), 1_760_000_000, 1_760_000_000);
  }
}
