/// <reference lib="dom" />
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, FileChooser } from 'playwright-core';
import { launchBrowser, newVisitor, type Visitor } from './browser';
import { Keyboard } from './keyboard';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const SAMPLE_MAKER = resolve(__dirname, '..', '..', 'config', 'pipelines', 'nuclei', 'make-sample.mjs');

describe('somebody without a mouse', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let keys: Keyboard;
  let images: string;
  let project: string;
  let run: string;

  beforeAll(async () => {
    images = mkdtempSync(join(tmpdir(), 'showrunner-keyboard-'));
    product = await startProduct({}, { SAMPLE_PROJECT: 'off' });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    keys = new Keyboard(visitor.page);
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
    rmSync(images, { recursive: true, force: true });
  });
  afterEach(() => {
    const unseen = [...keys.faults];
    keys.faults.clear();
    expect(unseen).toEqual([]);
    expect(visitor.faults.splice(0)).toEqual([]);
  });

  const path = () => new URL(visitor.page.url()).pathname;
  const isOpen = (selector: string) => visitor.page.locator(selector).evaluate((element) => (element as HTMLDetailsElement).open);

  it(
    'skips what stands on every page, signs up, makes a project and uploads a file into it',
    async () => {
      const { page } = visitor;
      await page.goto('/');
      expect((await keys.tab()).name).toBe('Skip to the page');
      await keys.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
      await page.goto('/');
      await keys.to('Sign up', { tag: 'a' });
      await keys.press('Enter');
      await page.waitForURL(/\/signup/);
      await keys.to(/^Email/);
      await keys.type('mira@example.org');
      await keys.to(/^Password/);
      await keys.type('seven good words');
      await keys.press('Enter');
      await page.waitForURL((url) => url.pathname !== '/signup');
      await keys.to('Projects', { tag: 'a' });
      await keys.press('Enter');
      await page.waitForURL(/\/projects$/);
      await keys.to('Project name');
      await keys.type('Pancreas, core C7');
      await keys.press('Enter');
      await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
      // The buttons of uploads are pressed by scripts, which come last.
      await page.waitForLoadState('networkidle');
      project = path();

      const image = join(images, 'DAPI.tif');
      expect(spawnSync(process.execPath, [SAMPLE_MAKER, image]).status).toBe(0);
      await keys.to('Choose files');
      const opened = page.waitForEvent('filechooser');
      let chooser: FileChooser | null = null;
      // On a machine that is busy the script is read later than it is loaded.
      while (!chooser) {
        await keys.press('Enter');
        chooser = await Promise.race([opened, sleep(3000, null)]);
      }
      await chooser.setFiles(image);
      await page.locator('#files-listing').getByText('DAPI.tif', { exact: true }).first().waitFor();
    },
    2 * MINUTE,
  );

  it(
    'opens and leaves menus with keys: Escape closes them, and the focus is where it was',
    async () => {
      const { page } = visitor;
      await page.goto(project);
      for (const menu of [/account menu$/, /^Actions .*DAPI\.tif|DAPI\.tif/]) {
        await keys.to(menu, { tag: 'summary' });
        const before = (await keys.focus()).name;
        await keys.press('Enter');
        expect(await isOpen('details.menu:focus-within')).toBe(true);
        await keys.tab();
        expect((await keys.focus()).name).not.toBe(before);
        await keys.press('Escape');
        expect(await page.locator('details.menu[open]').count()).toBe(0);
        expect((await keys.focus()).name).toBe(before);
      }
    },
    MINUTE,
  );

  it(
    'fills in a form, runs it, and watches it',
    async () => {
      const { page } = visitor;
      await page.goto(project);
      await keys.to(/^Nuclei/, { tag: 'a' });
      await keys.press('Enter');
      await page.waitForURL(/\/run\/nuclei/);
      await keys.to(/^Smoothing/, { tag: 'input' });
      await keys.press('Control+a');
      await keys.type('2');
      await keys.to(/^Separate nuclei that touch/, { tag: 'input' });
      await keys.press('Space', 'Space');
      await keys.to('Run', { tag: 'button' });
      await keys.press('Enter');
      await page.waitForURL(/\/runs\/\d+$/);
      run = path();
      await page.locator('[data-run-state="succeeded"]').first().waitFor({ timeout: MINUTE });
    },
    2 * MINUTE,
  );

  it(
    'looks closely at a picture, and comes back to where they were',
    async () => {
      const { page } = visitor;
      await page.goto(run);
      await keys.to(/^Open .*Outlines|Outlines/, { tag: 'a' });
      const before = (await keys.focus()).name;
      await keys.press('Enter');
      await page.locator('dialog[open]').waitFor();
      const inside = () => page.evaluate(() => document.activeElement?.closest('dialog') !== null);
      for (let presses = 0; presses < 10; presses += 1) {
        expect((await keys.tab()).tag === 'body' || (await inside())).toBe(true);
      }
      await keys.press('+', 'Escape');
      await page.locator('dialog[open]').waitFor({ state: 'detached' });
      expect((await keys.focus()).name).toBe(before);
    },
    MINUTE,
  );

  it(
    'opens the viewer and the table of a run, and sorts it',
    async () => {
      const { page } = visitor;
      await page.goto(run);
      await keys.to(/^Open in the viewer/, { tag: 'a' });
      await keys.press('Enter');
      await page.waitForURL(/\/viewer/);
      await page.locator('[data-say-ready]', { hasText: 'ready' }).waitFor({ state: 'attached' });
      expect(await keys.walk()).toBeGreaterThan(15);
      await page.goto(run);
      await keys.to(/^Open table/, { tag: 'a' });
      await keys.press('Enter');
      await page.waitForURL(/\/table\/cells\.csv/);
      await keys.to(/area/, { tag: 'a' });
      await keys.press('Enter');
      await page.waitForURL(/sort=/);
      await page.locator('#table-page:not([data-working]):not(.table-going)').waitFor();
      expect((await keys.focus()).name).toMatch(/area/);
    },
    MINUTE,
  );

  it(
    'walks each page down and up, and always sees where they are',
    async () => {
      const { page } = visitor;
      const pages = [
        '/',
        '/projects',
        project,
        `${project}/settings`,
        `${project}/run`,
        `${project}/run/nuclei`,
        run,
        `${run}/log`,
        '/queue',
        '/help',
        '/space',
      ];
      for (const address of pages) {
        await page.goto(address);
        expect([address, (await keys.walk()) > 8]).toEqual([address, true]);
      }
      await page.setViewportSize({ width: 390, height: 700 });
      for (const address of [project, run, `${project}/run/nuclei`]) {
        await page.goto(address);
        await keys.walk();
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    },
    3 * MINUTE,
  );

  it(
    'shares the run, and logs out',
    async () => {
      const { page } = visitor;
      await page.goto(run);
      await keys.to('Share', { tag: 'a' });
      await keys.press('Enter');
      await page.waitForURL(/\/share$/);
      await keys.to(/^Works for/, { tag: 'select' });
      await keys.press('ArrowDown');
      await keys.to(/^For whom/);
      await keys.type('Reviewer 2');
      await keys.to('Make a link', { tag: 'button' });
      await keys.press('Enter');
      await page.getByRole('region', { name: 'Link to send' }).waitFor();
      await keys.to('Log out', { tag: 'button' });
      await keys.press('Enter');
      await page.getByRole('link', { name: 'Log in' }).first().waitFor();
    },
    MINUTE,
  );
});
