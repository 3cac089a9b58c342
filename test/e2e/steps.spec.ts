import type { Browser, Page } from 'playwright-core';
import { guestProject, launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;

const MANIFEST = `
title: Tissue
version: '2.1'
command: [./job.sh]
parameters:
  - { name: earlier, type: run, label: Earlier run, required: false }
  - { name: segment, type: boolean, label: Segmentation, default: true }
  - { name: analyse, type: boolean, label: Analysis, default: true }
  - { name: site, type: boolean, label: TissUUmaps, default: true }
arguments: []
stage: [{ run: earlier, globs: ['analysis/**'] }]
steps:
  - { id: segmentation, parameter: segment, start: '^>>> Start segmentation (?<hour>..):(?<minute>..):(?<second>..)', end: '^>>> End segmentation (?<hour>..):(?<minute>..):(?<second>..)', requiredOutputs: [analysis/cells.csv] }
  - { id: analysis, parameter: analyse, start: '^>>> Start analysis', end: '^>>> End analysis', needs: [{ step: segmentation }, { files: analysis/cells.csv, run: earlier }] }
  - { id: site, title: TissUUmaps, parameter: site, start: '^>>> Start site', end: '^>>> End site', requiredOutputs: ['site/*'] }
  - { id: report, end: '^>>> End report' }
outcome: { log: { errors: ['^Traceback', '^ERROR'] } }
outputs:
  - { glob: analysis/cells.csv, kind: table, title: Cells, group: Segmentation, caption: One row for each cell. }
  - { glob: 'qc/*.json', kind: json, title: Thresholds, group: Quality control }
`;
const JOB = `#!/bin/sh
echo ">>> Start segmentation 10:00:00"
mkdir -p analysis qc; printf 'cell,area\\n1,310\\n2,295\\n' >analysis/cells.csv; echo '{ "otsu": 0.31 }' >qc/thresholds.json; echo kept >notes.txt
echo ">>> End segmentation 10:02:30"
echo ">>> Start analysis"
echo 'Traceback (most recent call last):'
echo '  File "analysis.py", line 77, in options'
echo "ZeroDivisionError: division by zero, because no marker of the list analysis_markers is a column of cell_data.csv"
echo ">>> Start site"
echo ">>> End site"
`;

describe('steps in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    product = await startProduct({ 'tissue/job.sh': JOB, 'tissue/pipeline.yaml': MANIFEST });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    page = visitor.page;
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  it(
    'say beside their box what they need, and on the page of the run what became of them',
    async () => {
      const project = await guestProject(page, 'Spleen');
      await page.goto(`${project}/run/tissue`);
      await page.getByLabel('Segmentation').uncheck();
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      const sentence = 'Analysis cannot run like this: tick Segmentation, or choose under “Earlier run” a run that has analysis/cells.csv.';
      await page.getByText(sentence).first().waitFor();
      expect(await look(page, '62-step-needs')).toEqual([]);
      await page.getByLabel('Segmentation').check();
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('1 of 4 steps succeeded.').first().waitFor({ timeout: 20_000 });
      const parts = page.locator('#outcome li');
      expect(await parts.count()).toBe(4);
      expect(await parts.nth(0).textContent()).toContain('2 min 30 s');
      expect(await look(page, '63-steps')).toEqual([]);
      await page.goto('/queue');
      await page.getByText('1 of 4 steps succeeded. Failed: Analysis').first().waitFor();
      expect(await look(page, '64-steps-in-queue')).toEqual([]);
      await page.goBack();
      await parts.nth(1).getByRole('link').click();
      await page.waitForURL(/\/log\?at=\d+&attempt=1/);
      expect(await page.locator('.here').first().textContent()).toContain('Traceback');
      expect(visitor.faults).toEqual([]);
    },
    2 * MINUTE,
  );
});
