import type { Browser, Page } from 'playwright-core';
import { guestProject, launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;

const MANIFEST = `
title: Blur
command: [./blur.sh]
parameters:
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
  - { name: way, type: choice, label: Way, default: fast, options: [fast, exact] }
arguments: ['{sigma}', '{way}']
outputs: [{ glob: cells.csv, kind: table, title: Cells }]
presets:
  - { title: Gentle, values: { sigma: 0.5 } }
`;

describe('several runs and kept values in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;
  let form: string;

  beforeAll(async () => {
    const script = '#!/bin/sh\nprintf "cell,area\\n1,2\\n" > cells.csv\n';
    product = await startProduct({ 'blur/blur.sh': script, 'blur/pipeline.yaml': MANIFEST });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    page = visitor.page;
    form = `${await guestProject(page, 'Spleen')}/run/blur`;
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  it(
    'are counted while they are typed, by the keyboard alone, and fill their table while one looks',
    async () => {
      await page.goto(form);
      await page.locator('#run-sweep-part summary').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.type('Smoothing');
      await page.keyboard.press('Tab');
      await page.keyboard.type('1..3');
      await page.getByText('3 runs', { exact: true }).waitFor();
      await page.getByLabel('Field 2', { exact: true }).selectOption('Way');
      await page.getByLabel('Values of field 2').fill('*');
      await page.getByText('6 runs', { exact: true }).waitFor();
      // Of fields that take several values no other one is shown, and each has it again when it takes one.
      await page.getByLabel('Smoothing', { exact: false }).waitFor({ state: 'hidden' });
      await page.locator('#p-way').waitFor({ state: 'hidden' });
      await page.getByLabel('Field 2', { exact: true }).selectOption('');
      await page.locator('#p-way').waitFor();
      await page.getByLabel('Field 2', { exact: true }).selectOption('Way');
      await page.getByLabel('Values of field 2').fill('slow');
      expect(await look(page, '70-several-runs-form')).toEqual([]);
      await page.getByRole('button', { name: /^(Run|Start \d+ runs)$/ }).click();
      await page
        .getByText(/Way slow/)
        .first()
        .waitFor();
      await page.getByLabel('Values of field 2').fill('*');
      await page.getByRole('button', { name: 'Start 6 runs', exact: true }).click();
      await page.waitForURL(/\/sweeps\//);
      await page.getByText('1 row', { exact: true }).nth(5).waitFor({ timeout: 30_000 });
      expect(await page.getByRole('row').count()).toBe(7);
      expect(await look(page, '71-several-runs')).toEqual([]);
      expect(visitor.faults).toEqual([]);
    },
    2 * MINUTE,
  );

  it(
    'are compared, with what differs marked',
    async () => {
      await page.goto('/runs/2');
      await page.getByRole('link', { name: 'Compare' }).click();
      await page.getByLabel('Run #1', { exact: true }).check();
      expect(await look(page, '74-compare-choose')).toEqual([]);
      await page.getByRole('button', { name: 'Compare them' }).click();
      await page.getByRole('link', { name: 'Only what differs' }).click();
      await page.getByText('left out: all runs agree there').waitFor();
      await page.getByRole('link', { name: 'Everything' }).click();
      await page.getByRole('heading', { name: 'Cells' }).waitFor();
      expect(await look(page, '75-compare')).toEqual([]);
      expect(visitor.faults).toEqual([]);
    },
    2 * MINUTE,
  );

  it(
    'are kept under a name, chosen again, and deleted',
    async () => {
      await page.goto(form);
      await page.getByLabel('Smoothing').fill('2.5');
      await page.locator('#run-presets summary').click();
      await page.getByRole('button', { name: 'Save as preset…' }).click();
      await page.getByLabel('Name').fill('Plate 7');
      expect(await look(page, '72-preset-name')).toEqual([]);
      await page.keyboard.press('Enter');
      await page.getByText('The preset Plate 7 is saved.').waitFor();
      expect(await page.getByLabel('Smoothing').inputValue()).toBe('2.5');
      await page.locator('#run-presets summary').click();
      await page.getByRole('link', { name: /^Gentle/ }).click();
      await page.waitForURL(/preset=pipeline-0/);
      expect(await page.getByLabel('Smoothing').inputValue()).toBe('0.5');
      await page.locator('#run-presets summary').click();
      expect(await look(page, '73-presets')).toEqual([]);
      await page.getByRole('button', { name: 'Delete the preset Plate 7' }).click();
      await page.getByText('The preset was deleted.').waitFor();
      expect(visitor.faults).toEqual([]);
    },
    2 * MINUTE,
  );
});
