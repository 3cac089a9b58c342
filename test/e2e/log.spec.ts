/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import { until } from '../until';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { controlRows } from './control-rows';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
const LINES = 600_000;

/** Colours, a bar that draws over itself, a long line, what looks like HTML. */
const COLOURS = String.raw`#!/bin/sh
##~~ title: Colours
##~~ output=count.txt - the numbers
printf '\033[1m>>> Segmentation\033[0m of \033[4mDAPI.tif\033[24m\n'
for i in $(seq 0 100); do printf '\r\033[36m%3d%%\033[0m tile %d of 100 \033[32m%s\033[0m' "$i" "$i" "$(printf '%*s' "$((i / 4))" '' | tr ' ' '#')"; done
printf '\n'
for base in 30 90; do for n in 0 1 2 3 4 5 6 7; do printf '\033[%dm colour %d \033[0m' "$((base + n))" "$n"; done; printf '\n'; done
for n in 0 1 2 3 4 5 6 7; do printf '\033[%dm ground %d \033[0m' "$((40 + n))" "$n"; done; printf '\n'
for n in $(seq 16 255); do printf '\033[38;5;%dm%4d\033[0m' "$n" "$n"; [ $((n % 24)) -ne 15 ] || printf '\n'; done
printf '\033[38;2;255;128;0mtrue colour\033[0m \033[7minverse\033[0m \033[2mfaint\033[0m \033[3mitalic\033[0m \033[9mstruck\033[0m\n'
printf '\033]8;;javascript:alert(1)\007no link\033]8;;\007 <b>no HTML</b> <script>document.title="bad"</script>\n'
printf 'WARNING: 9 objects dropped\nERROR : missing image for marker CD45\n'
head -c 9000 /dev/zero | tr '\0' 'x'; printf '\n'
printf 'done\n'
echo 1 > "$1"
`;

const HUGE = `#!/bin/sh
##~~ title: Much to say
##~~ output=count.txt - the numbers
seq -f 'tile %.0f of ${LINES}: 4 nuclei, mean area 61.25 um2, threshold 0.148, field of view 12 in well B07' 1 ${LINES}
echo 1 > "$1"
`;

/** The milliseconds since 1970 on every line, five times a second. */
const TALKER = `#!/bin/sh
##~~ title: Talker
##~~ output=count.txt - the numbers
for i in $(seq 1 2000); do echo "tick $i at $(date +%s%3N)"; sleep 0.2; done
`;

const ENDLESS = `#!/bin/sh
##~~ title: Endless talk
##~~ output=count.txt - the numbers
seq -f 'line %.0f of a program that cannot stop talking about its work, which nobody will ever read in full' 1 900000
echo 1 > "$1"
`;

describe('the log in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;
  const objections: string[] = [];

  beforeAll(async () => {
    const scripts = { 'colours.sh': COLOURS, 'huge.sh': HUGE, 'talker.sh': TALKER, 'endless.sh': ENDLESS };
    product = await startProduct(scripts, { MAX_LOG: '70 MB', RUNNER_SLOTS: '4' });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    ({ page } = visitor);
    await page.goto('/');
    await page.getByRole('button', { name: 'Continue as guest' }).first().click();
    await page.getByRole('link', { name: 'Projects' }).first().waitFor();
    await page.goto('/projects');
    await page.getByLabel('Project name').first().fill('Logs');
    await page.getByRole('button', { name: 'Create project' }).first().click();
    await page.waitForURL(/\/projects\/[\w-]{10,}/);
  }, 2 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  afterEach(() => {
    expect(visitor.faults.splice(0)).toEqual([]);
    expect(objections.splice(0)).toEqual([]);
  });

  const see = async (name: string) => void objections.push(...(await look(page, name)));
  const rows = () => page.locator('#log-rows > span');
  const isInSight = () =>
    page.locator('#log-rows .here').evaluate((row) => {
      const log = row.parentElement!.getBoundingClientRect();
      const { top, bottom } = row.getBoundingClientRect();
      return top >= log.top && bottom <= log.bottom;
    });
  const found = () => page.locator('[data-log-found]').textContent();

  /** On phones the tools of the log, and the places below it, take two rows each, and all of them can be reached by keyboard. */
  async function hasFewRows(tools: readonly string[]): Promise<void> {
    for (const width of [390, 360]) {
      await page.setViewportSize({ width, height: 844 });
      for (const [part, most] of [
        ['.log-tools', 2],
        ['.log-places', 2],
      ] as const) {
        const { rows: found, faults } = await controlRows(page, part);
        expect({ width, part, faults, rows: found.length <= most ? 'few' : found }).toEqual({ width, part, faults: [], rows: 'few' });
      }
      await page.getByLabel('Search the log').focus();
      const reached = new Set<string>();
      for (let presses = 0; presses < 9; presses += 1) {
        await page.keyboard.press('Tab');
        const reach = () => {
          const { activeElement: here } = document;
          return (
            here?.getAttribute('aria-label') ?? here?.closest('label')?.textContent ?? (here?.matches('button, a') ? here.textContent : '')
          );
        };
        reached.add(((await page.evaluate(reach)) ?? '').trim());
      }
      for (const tool of ['Regular expression', 'Search', ...tools]) expect([...reached]).toContain(tool);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }

  /** @returns the address of its page. */
  async function run(title: string, state: string): Promise<string> {
    await page.goto('/projects');
    await page.getByRole('link', { name: 'Logs' }).first().click();
    await page.getByRole('link', { name: title, exact: true }).first().click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForURL(/\/runs\/\d+/);
    await page.locator(`[data-run-state="${state}"]`).first().waitFor({ timeout: MINUTE });
    return page.url();
  }

  it(
    'shows colours, redrawn lines and long ones, and lets nothing act',
    async () => {
      const address = await run('Colours', 'succeeded');
      await page.locator('pre.log').getByText('100%').waitFor();
      await page.goto(`${address}/log`);
      expect(await rows().filter({ hasText: 'tile 100 of 100' }).count()).toBe(1);
      expect(await rows().filter({ hasText: 'tile 99 of 100' }).count()).toBe(0);
      expect(await page.locator('#log-rows a:not(.n):not(.more)').count()).toBe(0);
      expect(await page.title()).toContain('Log of run');
      const red = await page
        .locator('#log-rows .f1')
        .first()
        .evaluate((element) => getComputedStyle(element).color);
      const plain = await page.locator('#log-rows').evaluate((element) => getComputedStyle(element).color);
      expect(red).not.toBe(plain);
      await see('30-log-colours');
      await page.getByLabel('Wrap lines').check();
      expect(await page.locator('#log-rows').evaluate((log) => log.scrollWidth - log.clientWidth)).toBeLessThan(2);
      await page.getByLabel('Wrap lines').uncheck();
      await page.locator('#log-rows .more').click();
      expect(await page.locator('#log-rows').textContent()).toContain('x'.repeat(9000));
    },
    2 * MINUTE,
  );

  it(
    'goes to any place of a huge one, with few rows in the page',
    async () => {
      const address = await run('Much to say', 'succeeded');
      await page.goto(`${address}/log`);
      await rows()
        .filter({ hasText: `tile ${LINES} of` })
        .waitFor();
      await page.getByText(`${LINES.toLocaleString('en-GB')} lines`).waitFor();
      await page.getByLabel('Go to line').fill('300000');
      await page.getByRole('button', { name: 'Go', exact: true }).click();
      await page.locator('#log-rows .here', { hasText: 'tile 300000 of' }).waitFor();
      expect(await page.locator('#log-rows .here .n').getAttribute('data-n')).toBe('300000');
      expect(await isInSight()).toBe(true);
      // Scrolling on and on brings in what follows, and lets go what is far away.
      for (const [key, past] of [
        ['End', 302_000],
        ['Home', 299_000],
      ] as const) {
        await until(async () => {
          await page.locator('#log-rows').press(key);
          const numbers = await rows().evaluateAll((all) => all.map((row) => Number((row.firstElementChild as HTMLElement).dataset['n'])));
          expect(numbers.length).toBeLessThanOrEqual(1800);
          for (const [index, number] of numbers.entries()) if (index > 0) expect(number).toBe(numbers[index - 1] + 1);
          return key === 'End' ? numbers.at(-1)! > past : numbers[0] < past;
        }, MINUTE);
      }
      await page.getByLabel('Place in the log').fill('500');
      await until(async () => {
        const first = Number(await page.locator('#log-rows .n').first().getAttribute('data-n'));
        return first > LINES * 0.4 && first < LINES * 0.6;
      });
      await page.getByRole('link', { name: 'Start', exact: true }).click();
      await rows().filter({ hasText: 'tile 1 of' }).waitFor();
      // A line can be linked to.
      await page.goto(`${address}/log#L1234`);
      await page.reload();
      await page.locator('#log-rows .here', { hasText: 'tile 1234 of' }).waitFor();
      await page.locator('#log-rows .here').locator('xpath=following-sibling::*[1]').locator('.n').click();
      expect(page.url()).toMatch(/\/log\?line=1235$/);
      await page.reload();
      await page.locator('#log-rows .here', { hasText: 'tile 1235 of' }).waitFor();
    },
    2 * MINUTE,
  );

  it(
    'searches a huge one',
    async () => {
      await page.getByLabel('Search the log').fill('TILE 599999');
      await page.keyboard.press('Enter');
      await page.locator('#log-rows .here', { hasText: 'tile 599999 of' }).waitFor();
      await until(async () => (await found()) === '1 of 1');
      expect(await isInSight()).toBe(true);
      await page.getByLabel('Search the log').fill('77777 of');
      await page.keyboard.press('Enter');
      await until(async () => /^\d of 6$/.test((await found()) ?? ''));
      await page.getByRole('button', { name: 'Next hit' }).click();
      await page.getByRole('button', { name: 'Previous hit' }).click();
      await see('33-log-search');
      await page.getByLabel('Search the log').fill('^tile .*7 of');
      await page.getByLabel('Regular expression').check();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await until(async () => (await found())?.startsWith('More than') ?? false);
      await page.getByLabel('Search the log').fill('(');
      await page.keyboard.press('Enter');
      await until(async () => (await found()) === 'This is not a valid regular expression.');
      await page.getByRole('button', { name: 'Clear the search' }).click();
      expect(await found()).toBe('');
    },
    2 * MINUTE,
  );

  it(
    'follows within a second, pauses where somebody reads, and goes on',
    async () => {
      const address = await run('Talker', 'running');
      await page.goto(`${address}/log`);
      await rows().filter({ hasText: 'tick 3 ' }).waitFor();
      const delays = await page.evaluate(async () => {
        const log = document.querySelector('#log-rows')!;
        const seen: number[] = [];
        await new Promise<void>((resolve) => {
          new MutationObserver((changes) => {
            for (const node of changes.flatMap((change) => [...change.addedNodes])) {
              const at = /at (\d{13})$/.exec(node.textContent ?? '')?.[1];
              if (at) seen.push(Date.now() - Number(at));
            }
            if (seen.length >= 25) resolve();
          }).observe(log, { childList: true });
        });
        return seen;
      });
      const sorted = delays.toSorted((left, right) => left - right);
      process.stdout.write(
        `log: a line is seen ${sorted[Math.floor(sorted.length / 2)]} ms after it was written (median), ${sorted.at(-1)} ms at most\n`,
      );
      expect(sorted[0]).toBeLessThan(5000);
      await until(async () => (await rows().count()) > 60, MINUTE);
      expect(await page.getByLabel('Follow').isChecked()).toBe(true);
      await page.locator('#log-rows').press('Home');
      await until(async () => !(await page.getByLabel('Follow').isChecked()));
      await page.getByRole('button', { name: 'Back to the end' }).waitFor();
      const count = await rows().count();
      await until(async () => (await rows().count()) > count);
      expect(await page.locator('#log-rows').evaluate((log) => log.scrollTop)).toBe(0);
      await page.getByRole('button', { name: 'Back to the end' }).click();
      expect(await page.getByLabel('Follow').isChecked()).toBe(true);
      await hasFewRows(['Copy the lines that are loaded', 'Wrap lines', 'Follow']);
      await page.getByLabel('Search the log').fill('tick 1');
      await page.keyboard.press('Enter');
      await until(async () => /lines? found$|of \d+$/.test((await found()) ?? ''));
      await hasFewRows(['Previous hit', 'Next hit', 'Clear the search', 'Wrap lines']);
      await page.getByRole('button', { name: 'Clear the search' }).click();
      await page.getByRole('button', { name: 'Back to the end' }).click();
      // A seventh tab still answers: following holds no connection.
      const tabs = await Promise.all(Array.from({ length: 6 }, () => visitor.newTab()));
      await Promise.all(tabs.map((tab) => tab.goto(`${address}/log`)));
      await tabs[5].locator('#log-rows > span').first().waitFor();
      await Promise.all(tabs.map((tab) => tab.close()));
      await page.goto(address);
      await page.getByRole('button', { name: 'Cancel run' }).click();
      await page.locator('[data-run-state="cancelled"]').first().waitFor({ timeout: 20_000 });
    },
    2 * MINUTE,
  );

  it(
    'says that it was cut, and needs no scripts',
    async () => {
      const address = await run('Endless talk', 'succeeded');
      await page.getByText('The log was cut at 70 MB').waitFor();
      await page.goto(`${address}/log`);
      await page.getByText('The log was cut at 70 MB').waitFor();
      await see('35-log-cut');
      const plain = await newVisitor(browser, product.address, { scripts: false });
      await plain.context.addCookies(await visitor.context.cookies());
      await plain.page.goto(`${address}/log`);
      await plain.page.getByRole('link', { name: 'Earlier lines' }).click();
      await plain.page.getByRole('link', { name: 'Start', exact: true }).click();
      await plain.page.locator('#log-rows > span', { hasText: 'line 1 of' }).waitFor();
      await plain.page.getByLabel('Go to line').fill('4321');
      await plain.page.getByRole('button', { name: 'Go', exact: true }).click();
      await plain.page.locator('#log-rows .here', { hasText: 'line 4321 of' }).waitFor();
      await plain.page.getByLabel('Search the log').fill('line 600000');
      await plain.page.getByRole('button', { name: 'Search', exact: true }).click();
      await plain.page.locator('#log-hits').getByRole('link', { name: 'line 600000 of' }).click();
      await plain.page.locator('#log-rows .here', { hasText: 'line 600000 of' }).waitFor();
      expect(plain.faults).toEqual([]);
      await plain.context.close();
    },
    2 * MINUTE,
  );
});
