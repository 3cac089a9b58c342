/// <reference lib="dom" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { placeMany, placeTissue } from '../pipelines/tissue';
import { writePipelines } from '../pipeline-folder';
import { launchBrowser, look, newVisitor, SCREENSHOTS, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const MOST_SCRIPT_BYTES = 60_000;
const IMAGES = ['DAPI.tif', 'CD3.tif', 'CD45.tif', 's1_red.tif', 's1_yellow.tif', 's1_blue.tif', 's2_red.tif', 's2_blue.tif'];
const NAMED = `
title: Named
command: [node]
parameters:
  - { name: images, type: files, accept: [.tif], label: Images }
  - { name: measured, type: list, label: Measured }
nameRules: [{ names: [measured], files: images, glob: '*{name}.*' }]
`;

describe('a rich form in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let pipelines: string;
  let people = 0;
  const visitors: Visitor[] = [];
  const objections: string[] = [];

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-tissue-'));
    placeTissue(pipelines);
    placeMany(pipelines);
    writePipelines(pipelines, { 'named/pipeline.yaml': NAMED });
    product = await startProduct({}, { PIPELINES_DIR: pipelines, SAMPLE_PROJECT: 'off' });
    browser = await launchBrowser();
  }, 2 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await product?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  afterEach(async () => {
    const faults = visitors.flatMap((visitor) => visitor.faults);
    await Promise.all(visitors.splice(0).map((visitor) => visitor.context.close()));
    expect(faults).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  const see = async (page: Page, name: string) => void objections.push(...(await look(page, name)));

  /** The form in a new project with images. */
  async function openForm(options: { scripts?: boolean } = {}): Promise<Page> {
    const visitor = await newVisitor(browser, product.address, options);
    visitors.push(visitor);
    const { page } = visitor;
    people += 1;
    await page.goto('/signup');
    await page.getByLabel('Email').fill(`person${people}@example.org`);
    await page.getByLabel('Password').fill('seven good words');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.goto('/projects');
    await page.getByLabel('Name').first().fill('Spleen, core C7');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
    const files = IMAGES.map((name) => ({ name, mimeType: 'image/tiff', buffer: Buffer.from('II*\0') }));
    await page.locator('#upload-files').setInputFiles(files);
    if (options.scripts === false) await page.getByRole('button', { name: 'Upload' }).click();
    else await page.locator('#files-listing').getByText('s2_red.tif').first().waitFor();
    await page.goto(`${page.url().replace(/[?#].*/, '')}/run/tissue`);
    return page;
  }

  const proteins = (page: Page) => page.getByRole('combobox', { name: /^Proteins/ });
  const chips = (page: Page) => page.locator('.chips .chip > span').allTextContents();
  const cell = (page: Page, column: string, row: number) => page.getByLabel(`${column}, row ${row}`, { exact: true });
  const paste = (page: Page, text: string) =>
    page.evaluate((pasted) => {
      const data = new DataTransfer();
      data.setData('text/plain', pasted);
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, text);
  const command = (page: Page) => page.locator('#run-command');

  it(
    'is filled in by mouse, with names that are searched for, rows of files, and faults that are told at once',
    async () => {
      const page = await openForm();
      await see(page, 'form-01-fresh');
      await proteins(page).click();
      await proteins(page).pressSequentially('GENE112');
      await page.getByText('50 of', { exact: false }).or(page.getByText('11 names')).first().waitFor();
      await see(page, 'form-02-search');
      await page.getByRole('option', { name: 'GENE112,GENE112B' }).click();
      expect(await chips(page)).toEqual(['GENE112,GENE112B']);
      await paste(page, 'GENE1\nGENE2\tgene3');
      await page.getByText('This is not among the names: gene3 (did you mean GENE3?)').waitFor();
      expect(await chips(page)).toEqual(['GENE112,GENE112B', 'GENE1', 'GENE2']);
      await proteins(page).fill('');
      await page.getByRole('button', { name: 'Remove GENE1', exact: true }).click();
      expect(await chips(page)).toEqual(['GENE112,GENE112B', 'GENE2']);
      await command(page).getByText('--proteins=GENE2').waitFor();

      expect(await cell(page, 'Microtubules', 2).inputValue()).toBe('s2_red.tif');
      await page.getByRole('button', { name: 'Remove this row' }).nth(1).click();
      await page.getByRole('button', { name: 'Fill from the files of the project' }).click();
      await page.getByText(': 1 made from the files of this project.').waitFor();
      await cell(page, 'Prefix', 1).fill('bad prefix');
      await cell(page, 'Prefix', 1).blur();
      await page.getByText('Write a prefix without blanks and commas.').waitFor();
      await page.getByLabel('Diameter of nuclei').fill('150');
      await page.getByText('Nuclei this large are rare.').waitFor();
      await page.getByLabel('Closeness').fill('1,5');
      await page.getByLabel('Closeness').blur();
      await page.getByText('Write the number with a point, such as 1.5.').waitFor();
      await page.getByRole('checkbox', { name: 'CD45' }).check();
      await page.getByText('CD45 is compared with CD3').waitFor();
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('settings to correct').waitFor();
      await page.getByText('Advanced, 2 settings').click();
      await page.getByLabel('Smallest area').fill('50');
      await page.getByLabel('Largest area').fill('40');
      await page.getByLabel('Largest area').blur();
      await page.getByText('The largest area must not be smaller').waitFor();
      await see(page, 'form-03-errors');

      await page.getByRole('checkbox', { name: 'CD3' }).check();
      await page.getByLabel('Closeness').fill('0');
      await page.getByLabel('Largest area').fill('400');
      await cell(page, 'Prefix', 1).fill('s1');
      await cell(page, 'Prefix', 1).blur();
      await page.getByText('settings to correct').waitFor({ state: 'hidden' });
      expect(await page.locator('[aria-invalid]').count()).toBe(0);
      await page.getByLabel('Group cells by what they express').uncheck();
      await page.getByRole('heading', { name: 'Group cells' }).waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.waitForURL(/\/runs\/\d+$/);
      await page.getByText('succeeded').first().waitFor();
      await see(page, 'form-04-run');

      await page.goBack();
      expect(await page.getByLabel('Largest area').inputValue()).toBe('400');
      expect(await page.getByLabel('Group cells by what they express').isChecked()).toBe(false);
      expect(await cell(page, 'Prefix', 1).inputValue()).toBe('s1');
      expect(await page.getByRole('checkbox', { name: 'CD3' }).isChecked()).toBe(true);
    },
    4 * MINUTE,
  );

  it(
    'is filled in by keyboard: Enter takes a name, goes down a table, and never sends the form by accident',
    async () => {
      const page = await openForm();
      await proteins(page).focus();
      await page.keyboard.type('GENE12');
      await page.getByText(/^50 of 920 names/).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.keyboard.type('gene77');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Enter');
      await page.getByText('did you mean GENE77?').waitFor();
      await page.keyboard.press('Control+a');
      await page.keyboard.type('GENE77');
      await page.keyboard.press('Enter');
      await page.getByText('GENE77', { exact: true }).waitFor();
      expect(await chips(page)).toEqual(['GENE120', 'GENE77']);
      await page.keyboard.press('Backspace');
      expect(await chips(page)).toEqual(['GENE120']);

      await cell(page, 'Microtubules', 3).focus();
      await paste(
        page,
        'Microtubules\tER\tNuclei\tPrefix\tSize\tCrops\tCell line\nCD3.tif\t\tDAPI.tif\tc\t64\tno\thela\nCD45.tif\t\tDAPI.tif\t"d"\t\tyes\tPC-3\n',
      );
      await page.getByText('2 rows pasted. 1 cells hold none of the values').waitFor();
      expect(await cell(page, 'Prefix', 4).inputValue()).toBe('d');
      expect(await cell(page, 'Crops', 3).isChecked()).toBe(false);
      expect(await cell(page, 'Cell line', 3).inputValue()).toBe('HeLa');
      await cell(page, 'Size', 4).focus();
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Size, row 5');
      await page.getByRole('button', { name: 'Remove this row' }).nth(4).focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('[data-row]').count()).toBe(4);
      await cell(page, 'Microtubules', 4).focus();
      await paste(page, Array.from({ length: 37 }, (_, index) => `CD45.tif\t\tDAPI.tif\tp${index}\t64\tno\tPC-3\n`).join(''));
      await page.getByText('37 rows pasted.').waitFor();

      await page.locator('details[data-part]:has-text("Export") > summary').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('combobox', { name: 'Column to export' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.getByRole('status').getByText('Choose “Earlier run” first.').waitFor();
      await page.keyboard.press('Escape');
      await page.getByLabel('Diameter of nuclei').focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/runs\/\d+$/);
      await page.getByText('succeeded').first().waitFor();
      await page.getByRole('link', { name: 'Run again' }).first().click();
      await page.locator('.chips .chip').first().waitFor();
      expect(await chips(page)).toEqual(['GENE120']);
      // Most rows of a long table come as one text.
      await page.locator('[data-rows-text]').waitFor({ state: 'detached' });
      expect(await page.locator('[data-number]').allTextContents()).toEqual(Array.from({ length: 40 }, (_, index) => String(index + 1)));
      expect(await cell(page, 'Prefix', 40).inputValue()).toBe('p36');
      expect(await cell(page, 'Crops', 40).isChecked()).toBe(false);
      await page.locator('details[data-part]:has-text("Export") > summary').click();
      await page.getByLabel('Earlier run').selectOption({ index: 1 });
      await page.getByText('3 names to choose from:').waitFor();
      await page.getByRole('combobox', { name: 'Column to export' }).click();
      await page.getByRole('option', { name: 'Leiden, 1' }).click();
      await command(page).getByText("--column='Leiden, 1'").waitFor();
    },
    4 * MINUTE,
  );

  it(
    'tells of names that fit no file, or several, by itself and as soon as they are left',
    async () => {
      const page = await openForm();
      await page.goto(page.url().replace('tissue', 'named'));
      // What is told then is not what the server told.
      await page.route('**/preview', (route) => route.fulfill({ status: 204 }));
      await page.getByRole('button', { name: 'Tick all or none' }).click();
      expect(await page.locator('[name="p.images"]:checked').count()).toBe(IMAGES.length);
      await page.getByRole('button', { name: 'Tick all or none' }).click();
      expect(await page.locator('[name="p.images"]:checked').count()).toBe(0);
      await page.getByLabel('CD3.tif').check();
      await page.getByLabel('CD45.tif').check();
      await page.getByLabel('Measured').fill('CD3, CD9');
      await page.getByText('“CD9” has no file: none of “Images” is called *CD9.*').waitFor();
      expect(await page.getByLabel('Measured').getAttribute('aria-invalid')).toBe('true');
      await page.getByLabel('Measured').fill('CD3');
      await page.getByText('“CD9” has no file').waitFor({ state: 'hidden' });
      await page.getByLabel('CD3.tif').uncheck();
      await page.getByText('“CD3” has no file').waitFor();
      await page.unroute('**/preview');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('setting to correct').waitFor();
      expect(await page.getByText('“CD3” has no file').count()).toBe(1);
    },
    MINUTE,
  );

  it(
    'needs no scripts',
    async () => {
      const page = await openForm({ scripts: false });
      await page.screenshot({ path: join(SCREENSHOTS, 'form-05-without-scripts.png'), fullPage: true });
      await page.getByLabel(/^Proteins/).fill('GENE1\nGENE112,GENE112B');
      await page.getByRole('button', { name: 'Add 5 rows' }).click();
      expect(await page.locator('[data-row]').count()).toBe(8);
      expect(await page.getByLabel(/^Proteins/).inputValue()).toBe('GENE1\nGENE112,GENE112B');
      await cell(page, 'Microtubules', 8).fill('CD3.tif');
      await cell(page, 'Nuclei', 8).fill('DAPI.tif');
      await cell(page, 'Prefix', 8).fill('c');
      await page.getByLabel('Diameter of nuclei').press('Enter');
      await page.waitForURL(/\/runs\/\d+$/);
      await page.getByText('GENE112,GENE112B').first().waitFor();
    },
    2 * MINUTE,
  );

  it.each([
    ['many', MOST_SCRIPT_BYTES],
    // Pickers and tables are loaded where there are some.
    ['tissue', MOST_SCRIPT_BYTES],
  ])(
    'loads no more scripts than the form %s needs',
    async (pipeline, most) => {
      const page = await openForm();
      await page.goto(page.url().replace('tissue', pipeline));
      await page.waitForLoadState('load');
      await page.waitForTimeout(500);
      const sizes = await page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .filter(({ name }) => name.endsWith('.js'))
          .map((entry) => (entry as PerformanceResourceTiming).decodedBodySize),
      );
      expect(sizes.length).toBeGreaterThan(5);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(most);
    },
    MINUTE,
  );
});
