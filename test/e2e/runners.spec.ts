import type { Browser, Page } from 'playwright-core';
import { linkIn } from '../account-links';
import { until } from '../until';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const PASSWORD = 'seven good words';
const ADMINISTRATOR = 'root@example.org';

const QUICK = `#!/bin/sh
##~~ title: Quick count
##~~ output=count.txt - the numbers
echo 1 > "$1"
`;

/** Kills the shell that watches over it, so that nobody will learn its exit status. */
const UNWATCHED = `#!/bin/sh
##~~ title: Unwatched
##~~ output=count.txt - the numbers
kill -9 "$PPID"
exec sleep 300
`;

describe('the runners in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  const visitors: Visitor[] = [];
  const objections: string[] = [];

  beforeAll(async () => {
    product = await startProduct({ 'quick.sh': QUICK, 'unwatched.sh': UNWATCHED }, { ADMIN_EMAILS: ADMINISTRATOR, RUNNER_GPUS: '0,1' });
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

  async function visit(scripts = true): Promise<Page> {
    const visitor = await newVisitor(browser, product.address, { scripts });
    visitors.push(visitor);
    return visitor.page;
  }

  async function enter(email: string): Promise<Page> {
    const page = await visit();
    await page.goto('/signup');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('main').getByRole('button', { name: 'Sign up' }).click();
    await page.waitForURL((url) => url.pathname !== '/signup');
    return page;
  }

  /** Follows the link that went to the administrator, who is none before that. */
  async function confirm(root: Page): Promise<void> {
    const link = () =>
      linkIn(product.mails.mails.find(({ recipients }) => recipients[0] === ADMINISTRATOR)?.raw.replaceAll('=\r\n', '') ?? '');
    await until(() => link() !== 'no link', MINUTE);
    await root.goto(link());
    await see(root, '39-link');
    await root.getByRole('button', { name: 'Yes, it is mine' }).click();
    await root.waitForURL((url) => url.pathname === '/');
  }

  const see = async (page: Page, name: string) => void objections.push(...(await look(page, name)));

  it(
    'a waiting run says on open pages why it waits, as an administrator pauses and resumes its runner, with and without scripts',
    async () => {
      const root = await enter(ADMINISTRATOR);
      await confirm(root);
      await root.goto('/admin/runners');
      await root.getByRole('row', { name: /ws-core-1/ }).waitFor();
      await see(root, '40-runners');
      const plain = await visit(false);
      await plain.goto('/login?next=%2Frunners');
      await plain.getByLabel('Email').fill(ADMINISTRATOR);
      await plain.getByLabel('Password').fill(PASSWORD);
      await plain.getByRole('main').getByRole('button', { name: 'Log in' }).click();
      await plain.getByRole('button', { name: 'Pause ws-core-1' }).click();
      await plain.getByText('ws-core-1 is paused. What runs there goes on').waitFor();
      await root.getByRole('button', { name: 'Resume ws-core-1' }).waitFor({ timeout: 20_000 });

      const mira = await enter('mira@example.org');
      await mira.goto('/projects');
      await mira.getByLabel('Project name').fill('Trial');
      await mira.getByRole('button', { name: 'Create project' }).click();
      await mira.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
      await mira.getByRole('main').getByRole('link', { name: 'Quick count' }).first().click();
      await mira.waitForURL(/\/run\//);
      await mira.getByText('The runner for it, ws-core-1, is paused.').waitFor();
      // The open form follows what becomes of the runner.
      await root.getByRole('button', { name: 'Resume ws-core-1' }).click();
      await mira.getByText('Cannot run here at the moment:').waitFor({ state: 'detached', timeout: 20_000 });
      await root.getByRole('button', { name: 'Pause ws-core-1' }).click();
      await mira.getByText('Cannot run here at the moment:').waitFor({ timeout: 20_000 });
      await mira.getByRole('button', { name: 'Run', exact: true }).click();
      await mira.waitForURL(/\/runs\/\d+$/);
      await mira.getByText('The runner for it, ws-core-1, is paused.').waitFor();
      await see(mira, '41-run-waits');

      await root.goto('/queue');
      await root.getByRole('button', { name: /Cancel run \d+/ }).waitFor();
      expect(await root.getByRole('button', { name: /to the front/ }).count()).toBe(0);
      await see(root, '42-queue-of-administrator');
      await plain.goto('/admin/runners');
      await plain.getByRole('button', { name: 'Resume ws-core-1' }).click();
      // Nobody reloads this page.
      await mira.locator('[data-run-state="succeeded"]').first().waitFor({ timeout: 30_000 });
    },
    2 * MINUTE,
  );

  it(
    'a run that became unknown is declared lost by an administrator, and by nobody else',
    async () => {
      const mira = await enter('mira.two@example.org');
      await mira.goto('/projects');
      await mira.getByLabel('Project name').fill('Trial');
      await mira.getByRole('button', { name: 'Create project' }).click();
      await mira.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
      await mira.getByRole('main').getByRole('link', { name: 'Unwatched' }).first().click();
      await mira.waitForURL(/\/run\//);
      await mira.getByRole('button', { name: 'Run', exact: true }).click();
      await mira.waitForURL(/\/runs\/\d+$/);
      await mira.locator('[data-run-state="unknown"]').first().waitFor({ timeout: 30_000 });
      expect(await mira.getByRole('button', { name: 'Declare it lost' }).count()).toBe(0);

      const root = await visit();
      await root.goto(`/login?next=${encodeURIComponent(new URL(mira.url()).pathname)}`);
      await root.getByLabel('Email').fill(ADMINISTRATOR);
      await root.getByLabel('Password').fill(PASSWORD);
      await root.getByRole('main').getByRole('button', { name: 'Log in' }).click();
      await root.getByRole('button', { name: 'Declare it lost' }).waitFor();
      await see(root, '43-run-unknown');
      await root.getByRole('button', { name: 'Declare it lost' }).click();
      await root.locator('[data-run-state="lost"]').first().waitFor();
      await root.getByText('What was seen last').click();
      await root
        .getByText(/Declared lost by .*, an administrator\./)
        .first()
        .waitFor();
      await see(root, '44-run-declared-lost');
      await mira.locator('[data-run-state="lost"]').first().waitFor({ timeout: 30_000 });
    },
    2 * MINUTE,
  );
});
