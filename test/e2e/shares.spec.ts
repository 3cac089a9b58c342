import type { Browser } from 'playwright-core';
import { guestProject, launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const MANIFEST = `
title: Count cells
command: [./count.sh]
outputs: [{ glob: cells.csv, kind: table, title: Cells }]
`;

describe('sharing in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let owner: Visitor;

  beforeAll(async () => {
    const script = '#!/bin/sh\nprintf "cell,area\\n1,2\\n" > cells.csv\n';
    product = await startProduct({ 'count/count.sh': script, 'count/pipeline.yaml': MANIFEST });
    browser = await launchBrowser();
    owner = await newVisitor(browser, product.address);
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  it(
    'goes by a link that somebody without an account opens, until it is taken back',
    async () => {
      const { page } = owner;
      const project = await guestProject(page, 'Spleen');
      await page.goto(`${project}/run/count`);
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('succeeded').first().waitFor({ timeout: 30_000 });
      await page.goto('/runs/1');
      await page.getByRole('link', { name: 'Share' }).click();
      await page.getByLabel('Works for').selectOption('7 days');
      await page.getByLabel('For whom').fill('Reviewer 2');
      await page.getByRole('button', { name: 'Make a link' }).click();
      const link = (await page.getByRole('region', { name: 'Link to send' }).textContent())?.trim() ?? '';
      expect(await look(page, '110-share')).toEqual([]);

      const visitor = await newVisitor(browser, product.address);
      await visitor.page.goto(link);
      expect(visitor.page.url()).toMatch(/\/runs\/\d+$/);
      await visitor.page.getByText('Somebody shared this').waitFor();
      await visitor.page.getByRole('cell', { name: '2', exact: true }).waitFor();
      expect(await look(visitor.page, '111-shared-run')).toEqual([]);

      await page.getByRole('link', { name: 'Share the whole project' }).click();
      await page.getByRole('button', { name: 'Make a link' }).click();
      await visitor.page.goto((await page.getByRole('region', { name: 'Link to send' }).textContent())?.trim() ?? '');
      await visitor.page.getByRole('link', { name: /^Count cells/ }).waitFor();
      expect(await look(visitor.page, '112-shared-project')).toEqual([]);

      for (let left = 2; left > 0; left -= 1) {
        await page.getByRole('button', { name: 'Take back' }).first().click();
        await page.getByText('The link opens nothing any more.').waitFor();
      }
      await visitor.page.reload();
      expect(visitor.page.url()).toContain('/login');
      await visitor.page.goto(link);
      expect(await look(visitor.page, '113-share-over')).toEqual([]);
      expect([...owner.faults, ...visitor.faults]).toEqual([]);
    },
    2 * MINUTE,
  );
});
