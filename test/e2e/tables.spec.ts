/// <reference lib="dom" />
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { guestProject, launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const CELLS = 3000;
const MANY = 600_000;
const MOST_PAGE_BYTES = 30_000;

/** `cells.csv` as a segmentation writes it, `markers.csv` with many columns, and `many.csv`, which takes a while to read. */
const SCRIPT = `#!/bin/sh
##~~ title: Measure
##~~ output=count.txt - the number
awk 'BEGIN { srand(7); print "cell_id,x,y,area,label,note"; for (i = 1; i <= ${CELLS}; i++) printf "%d,%.3f,%.3f,%.2f,%s,%s\\n", i, rand() * 2048, rand() * 2048, 40 + 400 * rand() * rand(), substr("tumourstromaimmune", 1 + 6 * (i % 3), 6), i % 500 ? "" : "\\"=1+1, <b>bold</b>\\"" }' >cells.csv
awk 'BEGIN { for (c = 1; c <= 80; c++) printf "%smarker_%02d", (c == 1 ? "" : ","), c; print ""; for (r = 1; r <= 300; r++) { for (c = 1; c <= 80; c++) printf "%s%d", (c == 1 ? "" : ","), (r * c) % 997; print "" } }' >markers.csv
awk 'BEGIN { print "id,value,word"; for (i = 1; i <= ${MANY}; i++) printf "%d,%d.%03d,word %d of a table that goes on and on and on\\n", i, (i * 7919) % 10007, i % 1000, i % 17 }' >many.csv
echo 1 >"$1"
`;

describe('tables in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;
  let run: string;
  const objections: string[] = [];

  beforeAll(async () => {
    product = await startProduct({ 'measure.sh': SCRIPT });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    ({ page } = visitor);
    const project = await guestProject(page, 'Tables');
    await page.goto(`${project}/run/measure`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForURL(/\/runs\/\d+$/);
    run = new URL(page.url()).pathname;
    await page.locator('[data-run-state="succeeded"]').first().waitFor({ timeout: MINUTE });
  }, 2 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  afterEach(() => {
    expect(visitor.faults.splice(0)).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  const see = async (name: string) => void objections.push(...(await look(page, name)));
  const ready = (on: Page = page) => on.locator('#table-page:not([data-working]):not(.table-going)').waitFor();
  const status = () =>
    page
      .locator('#table-status')
      .textContent()
      .then((words) => words?.trim());
  const column = (number: number, on: Page = page) => on.locator(`#table-body tr td:nth-child(${number + 1})`).allTextContents();
  const sorted = (values: string[], turn: number) =>
    values
      .map(Number)
      .toSorted((one, other) => (one - other) * turn)
      .map(String);

  it(
    'are opened from the page of the run, sorted, filtered and drawn with the mouse, and every state has its address',
    async () => {
      await page.goto(run);
      await page.getByRole('link', { name: 'Open table cells.csv' }).first().click();
      await page.waitForURL(/\/table\/cells\.csv$/);
      await ready();
      expect(await page.locator('#table-facts').textContent()).toContain('3,000 rows · 6 columns');

      const arrow = (name: string) => page.locator(`#c4 .col-sort use[href$="#${name}"]`);
      await page.getByTitle('Sort by area').click();
      await page.waitForURL(/sort=4/);
      await ready();
      expect(await arrow('arrow-up').count()).toBe(1);
      const rising = await column(4);
      expect(rising.map(Number)).toEqual(sorted(rising, 1).map(Number));
      await page.getByTitle('Sort by area').click();
      await page.waitForURL(/dir=desc/);
      await ready();
      expect(await arrow('arrow-down').count()).toBe(1);
      const falling = await column(4);
      expect(falling.map(Number)).toEqual(sorted(falling, -1).map(Number));
      expect(Number(falling[0])).toBeGreaterThan(Number(rising[99]));

      await page.getByRole('textbox', { name: 'Filter label' }).fill('tumour');
      await page.getByRole('button', { name: 'Filter', exact: true }).click();
      await page.waitForURL(/f5=tumour/);
      await ready();
      expect(await status()).toBe('1,000 of 3,000 rows');
      expect(new Set(await column(5))).toEqual(new Set(['tumour']));

      await page.getByTitle('Look at area').click();
      await page.waitForURL(/x=4/);
      await ready();
      await page.locator('svg.histogram').waitFor();
      await see('table-histogram');
      const bar = page.locator('svg.histogram g').nth(2);
      const [range, count] = (await bar.locator('title').textContent())!.split(': ');
      await bar.click();
      await page.waitForURL(/f4=/);
      await ready();
      expect(await page.locator('.table-chips').textContent()).toContain(`area ${range.replace(' to ', '..')}`);
      expect(Math.abs(Number((await status())!.split(' ')[0]) - Number(count))).toBeLessThanOrEqual(1);

      await page.getByLabel('Remove the filter area').click();
      await page.waitForURL((url) => !url.searchParams.has('f4'));
      await ready();
      await page.getByLabel('Against').selectOption({ label: 'y' });
      await page.waitForURL(/y=3/);
      await page.locator('svg.scatter').waitFor();
      await ready();

      const { href } = await page.evaluate(() => ({ href: location.href }));
      const before = await column(1);
      await page.goto('about:blank');
      await page.goto(href);
      await ready();
      expect(await column(1)).toEqual(before);
      await page.getByRole('link', { name: 'Clear filters' }).click();
      await page.waitForURL((url) => !url.searchParams.has('f5'));
      await ready();
      expect(await page.getByRole('textbox', { name: 'Filter label' }).inputValue()).toBe('');
      await page.goBack();
      await ready();
      expect(await page.getByRole('textbox', { name: 'Filter label' }).inputValue()).toBe('tumour');

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: /^Export these 1,000 rows/ }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('cells-selection.csv');
    },
    2 * MINUTE,
  );

  it(
    'are used with the keyboard alone',
    async () => {
      await page.goto(`${run}/table/cells.csv`);
      await ready();
      await page.locator('#table-scroll').focus();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/sort=1/);
      await ready();
      expect(await page.evaluate(() => document.activeElement?.className)).toBe('col-sort');
      await page.getByRole('textbox', { name: 'Filter area' }).focus();
      await page.keyboard.type('> many');
      await page.keyboard.press('Enter');
      await page.locator('.filter-row .error-text').waitFor();
      await page.getByRole('textbox', { name: 'Filter area' }).fill('> 300');
      await page.keyboard.press('Enter');
      await page.locator('.table-chips').waitFor();
      await ready();
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('f4');
      for (const area of await column(4)) expect(Number(area)).toBeGreaterThan(300);
      await page.getByRole('link', { name: 'Next', exact: true }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/page=2/);
      await ready();
      await page.getByLabel('Page', { exact: true }).fill('1');
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => !url.searchParams.has('page') || url.searchParams.get('page') === '1');
      await ready();
      await page.goto(`${run}/table/markers.csv?row=250&cols=25&x=25&y=27`);
      await ready();
      const inSight = await page.locator('#row-250').evaluate((row) => {
        const box = row.parentElement!.closest('.scroll')!.getBoundingClientRect();
        return row.getBoundingClientRect().top > box.top && row.getBoundingClientRect().bottom < box.bottom;
      });
      expect(inSight).toBe(true);
      await see('table-scatter');
      const html = await page.evaluate(async (address) => (await fetch(address)).text(), `${run}/table/markers.csv?x=3&y=5`);
      expect(gzipSync(html).length).toBeLessThan(MOST_PAGE_BYTES);
    },
    2 * MINUTE,
  );

  it(
    'show their first rows before they are counted, and what is asked for as soon as it is found',
    async () => {
      await page.goto(`${run}/table/many.csv`, { waitUntil: 'domcontentloaded' });
      expect(await column(1)).toHaveLength(100);
      await page.getByText('600,000 rows').first().waitFor();
      await page.getByTitle('Sort by value').click();
      await page.waitForURL(/sort=2/);
      await ready();
      const values = await column(2);
      expect(values.map(Number)).toEqual(sorted(values, 1).map(Number));
      await page.getByLabel('Last').click();
      await page.waitForURL(/page=6000/);
      await ready();
      expect(await column(1)).toHaveLength(100);
    },
    MINUTE,
  );

  it(
    'need no scripts',
    async () => {
      const cookies = await visitor.context.cookies();
      const other = await newVisitor(browser, product.address, { scripts: false });
      await other.context.addCookies(cookies);
      const plain = other.page;
      await plain.goto(`${run}/table/cells.csv`);
      await plain.getByTitle('Sort by area').click();
      const areas = await column(4, plain);
      expect(areas.map(Number)).toEqual(sorted(areas, 1).map(Number));
      await plain.getByRole('textbox', { name: 'Filter label' }).fill('stroma');
      await plain.getByRole('button', { name: 'Filter', exact: true }).click();
      expect(new Set(await column(5, plain))).toEqual(new Set(['stroma']));
      await plain.getByTitle('Look at y').click();
      await plain.locator('svg.histogram').waitFor();
      await plain.getByText('As numbers').click();
      await plain.locator('.chart-numbers tbody a').first().click();
      expect(await plain.locator('.table-chips li').count()).toBe(2);
      await plain.getByLabel('Against').selectOption({ label: 'x' });
      await plain.getByRole('button', { name: 'Draw' }).click();
      await plain.locator('svg.scatter').waitFor();
      expect(await plain.locator('.chart-numbers tbody tr').count()).toBe(8);
      expect(other.faults).toEqual([]);
      await other.context.close();
    },
    MINUTE,
  );
});
