/// <reference lib="dom" />
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const KB = 1000;

describe('space and checksums in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  const visitors: Visitor[] = [];
  const objections: string[] = [];

  beforeAll(async () => {
    const limits = { GUEST_SPACE: '1 MB', GUEST_PROJECTS: '3', GUEST_FILES: '500' };
    product = await startProduct({}, { SAMPLE_PROJECT: 'off', ...limits });
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

  async function guestWithProject(options: { scripts?: boolean } = {}): Promise<{ page: Page; project: string; folder: string }> {
    const visitor = await newVisitor(browser, product.address, options);
    visitors.push(visitor);
    const { page } = visitor;
    await page.goto('/');
    await page.getByRole('button', { name: 'Continue as guest' }).first().click();
    await page.goto('/projects');
    await page.getByLabel('Project name').fill('Pancreas, core C7, with a name that is longer than most of them');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
    const project = page.url().split('/').at(-1)!;
    const root = join(product.folder, 'files');
    const owner = readdirSync(root).find((name) => existsSync(join(root, name, project)))!;
    return { page, project, folder: join(root, owner, project) };
  }

  const write = (path: string, bytes: number) => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, randomBytes(bytes));
  };

  it(
    'tell what uses the space, warn before it is full, and lead to what frees some',
    async () => {
      const { page, project, folder } = await guestWithProject();
      await page.goto('/space');
      await see(page, 'space-01-empty');
      write(join(folder, 'tissue.tif'), 420 * KB);
      write(join(folder, 'old scan.tif'), 180 * KB);
      write(join(folder, 'runs/1/masks.tif'), 230 * KB);
      await page.goto('/space');
      await page.getByRole('button', { name: 'Measure now' }).click();
      await page.getByText('830 kB of 1 MB used').first().waitFor();
      await see(page, 'space-02-typical');
      await page.goto('/projects');
      await page.getByText('Free some space').waitFor();
      await see(page, 'space-03-projects');

      write(join(folder, 'more.tif'), 120 * KB);
      await page.goto('/space');
      await page.getByRole('button', { name: 'Measure now' }).click();
      await page.getByText('95 percent of this space is used.').waitFor();
      write(join(folder, 'most.tif'), 100 * KB);
      await page.getByRole('button', { name: 'Measure now' }).click();
      await page.getByText('This space is full').waitFor();
      await see(page, 'space-04-full');
      await page.goto(`/projects/${project}`);
      await page.getByText('1.1 MB of 1 MB used').waitFor();
      await see(page, 'space-05-project-full');

      await page.getByText('1.1 MB of 1 MB used').click();
      await page.waitForURL(/\/space$/);
      await page.getByRole('link', { name: '230 kB' }).first().click();
      await page.getByRole('heading', { name: 'Files' }).waitFor();
    },
    2 * MINUTE,
  );

  it.each([{ scripts: true }, { scripts: false }])(
    'are computed, shown and compared, %o',
    async (options) => {
      const { page, project, folder } = await guestWithProject(options);
      const content = randomBytes(50 * KB);
      writeFileSync(join(folder, 'scan.tif'), content);
      const sha = createHash('sha256').update(content).digest('hex');
      await page.goto(`/projects/${project}/view/scan.tif`);
      await page.getByRole('button', { name: 'Compute checksum' }).click();
      await page.getByText(sha).waitFor();
      await page.getByLabel('Compare with').fill(`${sha}  my copy.tif`);
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByText('It matches').waitFor();
      await page.getByLabel('Compare with').fill(sha.replace(/^./, (digit) => (digit === '0' ? '1' : '0')));
      await page.getByRole('button', { name: 'Compare' }).click();
      await page.getByText('It does not match').waitFor();
      if (options.scripts) await see(page, 'space-06-checksum');
      await page.goto(`/projects/${project}/checksum/scan.tif`);
      await page.getByText(sha).waitFor();
      if (options.scripts) await see(page, 'space-07-checksum-page');
    },
    MINUTE,
  );
});
