/// <reference lib="dom" />
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { until } from '../until';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const SCRIPT = '#!/bin/bash\n##~~ input - the table\n##~~ output - its copy\ncat "$1" >"$2"\n';

describe('the inbox and the outbox in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let inbox: string;
  let outbox: string;
  const visitors: Visitor[] = [];
  const objections: string[] = [];

  beforeAll(async () => {
    [inbox, outbox] = ['in', 'out'].map((name) => mkdtempSync(join(tmpdir(), `showrunner-${name}box-`)));
    const settings = { INBOX_DIR: inbox, INBOX_PER_USER: 'on', OUTBOX_DIR: outbox, PICKUP_HOST: 'guest@lab1', SAMPLE_PROJECT: 'off' };
    product = await startProduct({ 'copy.sh': SCRIPT }, settings);
    browser = await launchBrowser();
  }, 2 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await product?.close();
    for (const folder of [inbox, outbox]) rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    const faults = visitors.flatMap((visitor) => visitor.faults);
    await Promise.all(visitors.splice(0).map((visitor) => visitor.context.close()));
    expect(faults).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  const see = async (page: Page, name: string) => void objections.push(...(await look(page, name)));
  /** The bar of a selection floats over the list, and may cover a part of any row. */
  const seeSelection = async (page: Page, name: string) =>
    void objections.push(...(await look(page, name)).filter((objection) => !objection.includes('target-size')));

  /** Somebody with a new account and project. @returns their folder in the inbox, too. */
  async function enter(email: string, options: { scripts?: boolean } = {}) {
    const visitor = await newVisitor(browser, product.address, options);
    visitors.push(visitor);
    const { page } = visitor;
    await page.goto('/signup');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('main').getByRole('button', { name: 'Sign up' }).click();
    await page.waitForURL((url) => url.pathname !== '/signup');
    await page.goto('/projects');
    await page.getByLabel('Project name').fill('Plates');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
    const address = page.url();
    // A page that names the folder makes it.
    await page.goto(`${address}/inbox`);
    const name = readdirSync(join(inbox, 'people')).find((one) => one.startsWith(`${email}=`));
    await page.goto(address);
    return { page, address, own: join(inbox, 'people', name ?? 'no folder') };
  }

  function put(folder: string, files: Record<string, string>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
  }

  const box = (page: Page, name: string) => page.getByRole('checkbox', { name: `Select ${name}` });

  it(
    'bring files by mouse: copied, moved and linked; a run reads the linked one, and its results wait in the outbox',
    async () => {
      const { page, address, own } = await enter('mira@lab.test');
      await page.getByRole('link', { name: 'From the server' }).click();
      await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
      await see(page, '80-inbox-empty');
      put(own, {
        'Plate 7, a name that is so long that no column of any table on any screen holds all of it at once.csv': 'a\n1\n',
        'large.csv': 'b\n2\n'.repeat(50_000),
        'moved.csv': 'c\n3\n',
        'day 1/well A1.csv': 'd\n4\n',
      });
      put(inbox, { 'for all.csv': 'e\n5\n' });
      await page.reload();
      await see(page, '81-inbox');
      await box(page, 'moved.csv').check();
      await box(page, 'day 1').check();
      await seeSelection(page, '82-inbox-chosen');
      await page.getByRole('button', { name: 'Move' }).click();
      await page.getByText('The files are being moved.').waitFor();
      await page.locator('[data-task-state="done"]').getByText('2 entries were moved from the inbox.').waitFor({ timeout: MINUTE });
      expect([existsSync(join(own, 'moved.csv')), existsSync(join(own, 'day 1'))]).toEqual([false, false]);

      await page.goto(`${address}/inbox`);
      await page.getByRole('link', { name: 'Shared inbox' }).click();
      await box(page, 'for all.csv').check();
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      await page.getByRole('link', { name: 'for all.csv' }).waitFor({ timeout: MINUTE });
      expect(existsSync(join(inbox, 'for all.csv'))).toBe(true);

      await page.goto(`${address}/inbox`);
      await box(page, 'large.csv').check();
      await page.getByRole('button', { name: 'Link' }).click();
      await page.getByText('large.csv is linked.').waitFor();
      await page.getByText('links to large.csv in the owner').waitFor();
      await see(page, '83-linked');
      await page.getByRole('link', { name: 'large.csv' }).click();
      await page.getByText('A link to a file in the inbox').waitFor();
      await see(page, '84-link');

      await page.goto(`${address}/run/copy`);
      await page.locator('#run-inbox > summary').click();
      await page.getByText(`rsync -aP --partial FILE guest@lab1:${own}/`).waitFor();
      await see(page, '85-run-form-inbox');
      await page.getByLabel('Input', { exact: true }).selectOption('project:large.csv');
      await page.getByLabel('Output').fill('copied');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText(/^The copy in the outbox is there until/).waitFor({ timeout: MINUTE });
      const run = page.url().split('/').at(-1)!;
      await page.getByText(`scp -r guest@lab1:${outbox}/${run} .`).waitFor();
      await see(page, '86-outbox');
      expect(readdirSync(join(outbox, run)).length).toBe(1);
      expect(readFileSync(join(outbox, run, readdirSync(join(outbox, run))[0]), 'utf8')).toBe('b\n2\n'.repeat(50_000));
      await until(() => product.mails.mails.some((mail) => mail.raw.includes('rsync -aP --partial')), MINUTE);

      rmSync(join(own, 'large.csv'));
      await page.goto(address);
      await page.getByText('the file is not there any more').waitFor();
      await see(page, '87-link-gone');
      rmSync(join(outbox, run), { recursive: true });
      await page.goto(`/runs/${run}`);
      await page.getByText('There is no copy in the outbox').waitFor();
      await page.goto('/help#big-files');
      await page.getByText(`scp FILE guest@lab1:${own}/`).waitFor();
      await see(page, '88-help-inbox');
    },
    5 * MINUTE,
  );

  it(
    'bring files with keys alone',
    async () => {
      const { page, own } = await enter('otto@lab.test');
      await page.getByRole('link', { name: 'From the server' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
      put(own, { 'a.csv': 'a', 'b.csv': 'b' });
      await page.reload();
      await page.keyboard.press('Tab');
      await tabTo(page, 'Select all');
      await page.keyboard.press('Space');
      expect([await box(page, 'a.csv').isChecked(), await box(page, 'b.csv').isChecked()]).toEqual([true, true]);
      await tabTo(page, 'Select a.csv');
      await page.keyboard.press('Space');
      // Enter in a box does the one thing that takes nothing away.
      await page.keyboard.press('Enter');
      await page.getByText('The files are being copied.').waitFor();
      await page.getByRole('link', { name: 'b.csv' }).waitFor({ timeout: MINUTE });
      expect(await page.getByRole('link', { name: 'a.csv' }).count()).toBe(0);
      expect(existsSync(join(own, 'b.csv'))).toBe(true);
    },
    2 * MINUTE,
  );

  it(
    'bring files without scripts',
    async () => {
      const { page, own, address } = await enter('nora@lab.test', { scripts: false });
      await page.getByRole('link', { name: 'From the server' }).click();
      put(own, { 'a.csv': 'new', 'set/b.csv': 'b' });
      await page.reload();
      await page.getByRole('link', { name: 'set' }).click();
      await box(page, 'b.csv').check();
      await page.getByRole('button', { name: 'Link' }).click();
      await page.getByText('b.csv is linked.').waitFor();
      await page.getByText('links to set/b.csv in the owner').waitFor();
      for (const onConflict of ['keepBoth', 'keepBoth', 'skip']) {
        await page.goto(`${address}/inbox`);
        await box(page, 'a.csv').check();
        await page.getByLabel('Where a name is taken').selectOption(onConflict);
        await page.getByRole('button', { name: 'Copy', exact: true }).click();
        await until(async () => {
          await page.goto(address);
          return (await page.locator('[data-task-state="waiting"], [data-task-state="working"]').count()) === 0;
        }, MINUTE);
      }
      expect(await page.getByRole('row', { name: /a( \(2\))?\.csv/ }).count()).toBe(2);
    },
    2 * MINUTE,
  );

  /** Presses Tab until something of this name has the focus. */
  async function tabTo(page: Page, name: string): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      const focused = await page.evaluate(() => {
        const element = document.activeElement as HTMLInputElement | null;
        return element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
      });
      if (focused.includes(name)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab never gets to ${name}`);
  }
});
