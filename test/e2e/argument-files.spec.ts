import type { Browser, Page } from 'playwright-core';
import { guestProject, launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;

const MANIFEST = `
title: Batch
command: [./batch.sh]
parameters:
  - { name: marker, type: string, label: Nuclei marker, default: DAPI }
  - { name: fast, type: boolean, spelling: { true: yes, false: no } }
arguments: []
files:
  - path: batch_list.txt
    format: lines
    quote: single
    lines:
      - words: [segmentation.py, '-data={workFolder}/data', '-nuclei_marker={marker}', '-fast={fast}']
      - { when: fast, words: [analysis.py, '-data={workFolder}/data'] }
`;

describe('the files for a program in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    product = await startProduct({ 'batch/batch.sh': '#!/bin/sh\ncp batch_list.txt seen.txt\n', 'batch/pipeline.yaml': MANIFEST });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    page = visitor.page;
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  it(
    'follow what is entered, say what they cannot hold, and stand on the page of the run',
    async () => {
      const project = await guestProject(page, 'Spleen');
      await page.goto(`${project}/run/batch`);
      const file = page.getByLabel('What batch_list.txt will hold');
      const content = async () => (await file.textContent()) ?? '';
      expect(await content()).toBe('segmentation.py -data=results/data -nuclei_marker=DAPI -fast=no\n');
      await page.getByLabel('Nuclei marker').fill('β-catenin (new)');
      await page.getByLabel('Fast').check();
      await page.getByText("-nuclei_marker='β-catenin (new)' -fast=yes").waitFor();
      expect(await content()).toContain('\nanalysis.py -data=results/data\n');
      expect(await look(page, '60-files-preview')).toEqual([]);
      await page.getByLabel('Nuclei marker').fill("it's");
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText("the file batch_list.txt of this pipeline takes no “'”. Change or remove that.").waitFor();
      await page.getByLabel('Nuclei marker').fill('DAPI 2');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('Succeeded').first().waitFor({ timeout: 20_000 });
      await page.getByText('batch_list.txt', { exact: true }).click();
      expect(await page.getByLabel('What was written into batch_list.txt').textContent()).toMatch(
        /^segmentation\.py -data=\/\S+\/data -nuclei_marker='DAPI 2' -fast=yes\n/,
      );
      expect(await look(page, '61-files-written')).toEqual([]);
      expect(visitor.faults).toEqual([]);
    },
    2 * MINUTE,
  );
});
