import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { until } from '../until';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const HOME = resolve(__dirname, '..', '..');
const SAMPLE_MAKER = join(HOME, 'config', 'pipelines', 'nuclei', 'make-sample.mjs');
const EMAIL = 'mira@example.org';
const PASSWORD = 'seven good words';
const MINUTE = 60_000;

/** Writes a line every fifth of a second. */
const SLOW = `#!/bin/sh
##~~ title: Slow count
##~~ summary: Counts to three hundred.
##~~ label=run - what it is called
##~~ output=count.txt - the numbers
for i in $(seq 1 300); do echo "step $i of 300, $1"; echo "$i" >> "$2"; sleep 0.2; done
`;

const FAILING = `#!/bin/sh
##~~ title: Broken count
##~~ output=count.txt - the numbers
echo "reading the image"
echo "ERROR: there is no image for marker CD45" >&2
exit 3
`;

describe('Showrunner in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let images: string;
  const visitors: Visitor[] = [];
  const objections: string[] = [];

  beforeAll(async () => {
    images = mkdtempSync(join(tmpdir(), 'showrunner-images-'));
    product = await startProduct({ 'slow.sh': SLOW, 'broken.sh': FAILING });
    browser = await launchBrowser();
  }, 2 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    const statuses = await product?.close();
    rmSync(images, { recursive: true, force: true });
    for (const status of statuses ?? []) expect([0, 'SIGTERM']).toContain(status);
  });

  afterEach(async () => {
    const faults = visitors.flatMap((visitor) => visitor.faults);
    await Promise.all(visitors.splice(0).map((visitor) => visitor.context.close()));
    expect(faults).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  async function visitor(options: { scripts?: boolean } = {}): Promise<Visitor> {
    const one = await newVisitor(browser, product.address, options);
    visitors.push(one);
    return one;
  }

  const see = async (page: Page, name: string) => void objections.push(...(await look(page, name)));

  it(
    'carries a person from the front door to a result and out again',
    async () => {
      const { page } = await visitor();
      await page.goto('/');
      await see(page, '01-home-newcomer');
      await page.goto('/projects');
      await page.waitForURL(/\/login/);
      await see(page, '02-log-in');
      await page.goto('/signup');
      await page.getByLabel('Email').fill('no address');
      await page.getByLabel('Password').fill('short');
      await page.getByRole('button', { name: 'Sign up' }).click();
      await see(page, '03-sign-up-refused');
      await signUp(page, EMAIL);
      await page.goto('/projects');
      await see(page, '04-projects-first');

      await createProject(page, 'Pancreas, core C7');
      await see(page, '05-project-empty');
      await page.locator('#upload-files').setInputFiles(tissueImage(images));
      await page
        .locator('#files-listing')
        .getByText(/^DAPI\.(jpg|tif)$/)
        .first()
        .waitFor();
      await see(page, '06-project-with-file');
      const projectUrl = page.url();
      await page.goto('/projects');
      await see(page, '07-projects');

      await page.goto(projectUrl);
      await page.getByRole('main').getByRole('link', { name: 'Nuclei' }).first().click();
      await see(page, '08-run-form');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.waitForURL(/\/runs\/\d+$/);
      const runUrl = page.url();
      const words = await statesSeen(page, 'succeeded');
      expect(words.at(-1)).toBe('succeeded');
      expect(words.length).toBeGreaterThan(1);

      await page.locator('main img').first().waitFor();
      const pictures = await page.locator('main img').evaluateAll(async (all) => {
        const images = all as HTMLImageElement[];
        for (const image of images) image.loading = 'eager';
        await Promise.all(images.map((image) => image.decode()));
        return images.map((image) => image.naturalWidth);
      });
      expect(Math.min(...pictures)).toBeGreaterThan(100);
      const cells = page.locator('main table tbody tr');
      expect(await cells.count()).toBeGreaterThan(20);
      await see(page, '09-run-finished');
      await page.locator('a[data-zoom]').first().click();
      await page.locator('dialog[open]').waitFor();
      await page.keyboard.press('+');
      await see(page, '10-picture');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Keep' }).click();
      await page.getByRole('button', { name: 'Let go' }).waitFor();

      await until(() => product.mails.mails.some((mail) => /^Job #\d+ \[nuclei\] Complete$/.test(mail.headers['subject'] ?? '')));
      const mail = product.mails.mails.find((one) => one.headers['subject']?.endsWith('Complete'));
      expect(mail?.recipients).toEqual([EMAIL]);
      const link = new RegExp(`${product.address}/runs/\\d+`).exec(mail?.raw.replaceAll('=\r\n', '') ?? '')?.[0];
      expect(link).toBe(runUrl);

      await page.goto(projectUrl);
      await see(page, '23-project-with-run');
      await page.goto(`${projectUrl}/run`);
      await see(page, '24-choose-pipeline');
      await page.goto(`${projectUrl}/show`);
      await page.waitForURL(runUrl);
      await page.goto('/queue');
      await see(page, '11-queue');
      await page.goto('/');
      await see(page, '12-dashboard');
      await page.goto('/help');
      await see(page, '13-help');
      await page.goto('/runs/987654');
      await see(page, '14-not-found');
      await logOut(page);
      await page.goto(link ?? '');
      await page.waitForURL(/\/login\?next=/);
      await page.getByLabel('Email').fill(EMAIL);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.waitForURL(runUrl);
    },
    4 * MINUTE,
  );

  it(
    'lets a guest work, follow a run as it goes, and cancel it by its button',
    async () => {
      const { page } = await visitor();
      await page.goto('/');
      await page.getByRole('button', { name: 'Continue as guest' }).first().click();
      await page.getByRole('link', { name: 'Projects' }).first().waitFor();
      await page.goto('/');
      await see(page, '15-dashboard-guest');
      await page.goto('/projects');
      await createProject(page, 'Trial');
      await openPipeline(page, 'Slow count');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.locator('[data-run-state="running"]').first().waitFor();
      const log = page.locator('pre.log');
      await log.getByText('step 3 of 300').waitFor();
      const lines = await log.locator('span').count();
      const began = Date.now();
      await until(async () => (await log.locator('span').count()) > lines);
      expect(Date.now() - began).toBeLessThan(2000);
      // What the program has written so far appears without a reload.
      await page.getByRole('heading', { name: 'Results so far' }).waitFor({ timeout: 30_000 });
      await see(page, '16-run-running');
      await page.goto('/queue');
      await see(page, '17-queue-running');
      await page.goBack();
      await page.getByRole('button', { name: 'Cancel run' }).click();
      await page.locator('[data-run-state="cancelled"]').first().waitFor({ timeout: 20_000 });
      await see(page, '18-run-cancelled');
    },
    2 * MINUTE,
  );

  it(
    'says why a run failed, and offers the form with its values',
    async () => {
      const { page } = await visitor();
      await signUp(page, 'ana@example.org');
      await createProject(page, 'Broken');
      await openPipeline(page, 'Broken count');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.locator('[data-run-state="failed"]').first().waitFor();
      await page.getByText('there is no image for marker CD45').first().waitFor();
      await see(page, '19-run-failed');
      await page.getByRole('link', { name: 'Edit and run again' }).click();
      await page.waitForURL(/from=\d+/);
      await see(page, '20-run-form-again');
      const form = page.url();
      await page.goBack();
      const run = page.url();
      const stranger = await visitor();
      await signUp(stranger.page, 'eva@example.org');
      await stranger.page.goto(form);
      await see(stranger.page, '21-not-there');
      await stranger.page.goto(run);
      await see(stranger.page, '22-not-yours');
    },
    2 * MINUTE,
  );

  it(
    'stays responsive with seven tabs open, each of them live',
    async () => {
      const { page, newTab } = await visitor();
      await signUp(page, 'tab@example.org');
      await createProject(page, 'Tabs');
      await openPipeline(page, 'Slow count');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.waitForURL(/\/runs\/\d+$/);
      const tabs = [page, ...(await Promise.all(Array.from({ length: 6 }, newTab)))];
      for (const tab of tabs) {
        const began = Date.now();
        await tab.goto(page.url());
        await tab.locator('[data-run-state="running"]').first().waitFor();
        expect(Date.now() - began).toBeLessThan(5000);
      }
      await tabs.at(-1)!.goto('/queue');
      await page.getByRole('button', { name: 'Cancel run' }).click();
      for (const tab of tabs.slice(0, -1)) await tab.locator('[data-run-state="cancelled"]').first().waitFor({ timeout: 20_000 });
    },
    2 * MINUTE,
  );

  it(
    'hides fields that do not apply, keeps what is in them, and says what does not go together',
    async () => {
      const { page } = await visitor();
      await signUp(page, 'form@example.org');
      await createProject(page, 'Conditions');
      await openPipeline(page, 'Nuclei');
      const advanced = page.locator('details.fold > summary');
      await advanced.click();
      await advanced.getByText('Advanced, 5 settings').waitFor();
      const distance = page.getByLabel('Least distance of centres');
      await distance.fill('12');
      const split = page.getByLabel('Separate nuclei that touch');
      await split.focus();
      await page.keyboard.press('Space');
      await distance.waitFor({ state: 'hidden' });
      await advanced.getByText('Advanced, 4 settings').waitFor();
      expect(await split.evaluate((box) => box === document.activeElement)).toBe(true);
      await page.locator('#live-status').getByText('No longer needed: Least distance of centres.').waitFor({ state: 'attached' });
      const command = page.locator('#run-command');
      await until(async () => !(await command.textContent())?.includes('--distance'));

      const most = page.getByLabel('Largest nucleus');
      await most.fill('10');
      const sentence = page.getByText('The largest nucleus must not be smaller than the smallest.');
      await sentence.waitFor();
      expect(await most.getAttribute('aria-invalid')).toBe('true');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('2 settings to correct:').waitFor();
      await sentence.waitFor();
      expect(await distance.isHidden()).toBe(true);
      await most.fill('0');
      await sentence.waitFor({ state: 'detached' });
      expect(await most.getAttribute('aria-invalid')).toBe(null);
      await split.check();
      expect(await distance.inputValue()).toBe('12');
      await until(async () => ((await command.textContent()) ?? '').includes('--distance=12'));
    },
    MINUTE,
  );

  it(
    'works without scripts',
    async () => {
      const { page } = await visitor({ scripts: false });
      await signUp(page, 'noscript@example.org');
      await createProject(page, 'Plain');
      await page.locator('#upload-files').setInputFiles(tissueImage(images));
      await page.getByRole('button', { name: 'Upload' }).click();
      await page
        .getByText(/^DAPI\.(jpg|tif)$/)
        .first()
        .waitFor();
      await openPipeline(page, 'Nuclei');
      // Every field is there; what is typed where it does not apply is nobody's fault.
      await page.getByLabel('Separate nuclei that touch').uncheck();
      await page.locator('details.fold > summary').click();
      await page.getByLabel('Least distance of centres').fill('any');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.waitForURL(/\/runs\/\d+$/);
      await until(async () => {
        await page.reload();
        return (await page.locator('[data-run-state="succeeded"]').count()) > 0;
      }, MINUTE);
      expect(await page.locator('main img').count()).toBeGreaterThan(0);
    },
    2 * MINUTE,
  );
});

async function signUp(page: Page, email: string): Promise<void> {
  await page.goto('/signup');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('main').getByRole('button', { name: 'Sign up' }).click();
  await page.waitForURL((url) => url.pathname !== '/signup');
}

async function logOut(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('link', { name: 'Log in' }).first().waitFor();
}

async function createProject(page: Page, name: string): Promise<void> {
  await page.goto('/projects');
  await page.getByLabel('Project name').fill(name);
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
}

async function openPipeline(page: Page, title: string): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: title }).first().click();
  await page.waitForURL(/\/run\//);
}

/** The words of the state of a run, as they follow one another on a page that nobody reloads. */
async function statesSeen(page: Page, last: string): Promise<string[]> {
  const seen: string[] = [];
  const state = page.locator('main [data-run-state]').first();
  await until(async () => {
    const word = (await state.textContent())?.trim() ?? '';
    if (seen.at(-1) !== word) seen.push(word);
    return word === last || word === 'failed';
  }, MINUTE);
  return seen;
}

/** A real picture of tissue where the machine has one (TEST_IMAGES), else the sample that ships. @returns its path. */
function tissueImage(folder: string): string {
  const real = process.env['TEST_IMAGES'] && join(process.env['TEST_IMAGES'], 'pipex-pair', 'DAPI.jpg');
  if (real && existsSync(real)) return real;
  const sample = join(folder, 'DAPI.tif');
  if (existsSync(sample)) return sample;
  const { status, stderr } = spawnSync(process.execPath, [SAMPLE_MAKER, sample], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The sample could not be made: ${stderr}`);
  return sample;
}
