import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { guestProject, launchBrowser, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';
import { focusFaults, lookForColours, lookForLosses, lookForMotion } from './strained-looks';

const MINUTE = 60_000;
/** A small phone; a desk of 1280 px at 200 %, which is half as many pixels of the page; a screen of 3840 px. */
const WIDTHS = [360, 640, 3840];
const HEIGHT = 900;
const LONG = 'A_project_whose_name_nobody_can_break_anywhere_'.repeat(2).slice(0, 90);
const MANIFEST = `
title: Segmentation by blurring
command: [./blur.sh]
parameters:
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
outputs: [{ glob: cells.csv, kind: table, title: Cells }]
`;
const SLOW = `
title: Slow
command: [sleep, '600']
parameters: []
`;
/** As 1280 × 720 px are at 200 %. */
const ZOOMED = { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 };
const DESK = { viewport: { width: 1280, height: 720 } };
/** What somebody sets in their browser who wants letters twice as large. */
const LARGE_LETTERS = ['--blink-settings=defaultFontSize=32,defaultFixedFontSize=26'];
/** Answers that are files, and pages that end a visit. */
const NO_PAGES = /\/(files|zip|crate|views|documents|tiles|checksums\.txt)(\/|\?|$)|\/log\/file|\/export|^\/(logout|assets)/;

describe('pages at all widths', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;
  let kinds: string[];

  beforeAll(async () => {
    const buffer = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#284' } })
      .png()
      .toBuffer();
    const picture = `echo ${buffer.toString('base64')} | base64 -d > blurred.png`;
    const script = `#!/bin/sh\nprintf "cell,area\\n1,2\\n" > cells.csv\n${picture}\nprintf "%0400d\\n" 7\n`;
    product = await startProduct({ 'blur/blur.sh': script, 'blur/pipeline.yaml': MANIFEST, 'slow/pipeline.yaml': SLOW });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    page = visitor.page;
    const project = await guestProject(page, LONG);
    await page.locator('#upload-files').setInputFiles({ name: 'slide-before-staining.png', mimeType: 'image/png', buffer });
    await page.locator('#files-listing').getByText('slide-before-staining.png').first().waitFor();
    for (const [pipeline, state] of [
      ['slow', 'running'],
      ['blur', 'succeeded'],
      ['blur', 'succeeded'],
    ]) {
      await page.goto(`${project}/run/${pipeline}`);
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.locator(`[data-run-state="${state}"]`).first().waitFor();
    }
    kinds = [
      '/',
      project,
      `${project}/run/blur`,
      '/runs/1',
      '/runs/2',
      '/runs/2/log',
      `${project}/viewer/slide-before-staining.png`,
      '/runs/2/table/cells.csv',
      `${project}/compare`,
      `${project}/compare?run=2&run=3`,
      '/queue',
      '/signup',
      '/login',
      `${project}/shared`,
      `${project}/compare/viewer?file=blurred.png&runs=2,3`,
    ];
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });

  /** Addresses of this site on the page that lead to pages. */
  const linksOf = () => page.$$eval('a[href^="/"]:not([download])', (links) => links.map((link) => link.getAttribute('href') ?? ''));
  /** What is the same page for other things: numbers and names are left out. */
  const kindOf = (href: string) =>
    href
      .replace(/[?#].*$/, '')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')
      .replaceAll(/\/\d+/g, '/:number');

  it(
    'never scroll sideways, and hold no lines that are too long',
    async () => {
      const seen = new Map<string, string>();
      const queue = ['/', '/queue', '/no/such/page', ...kinds.slice(-2)];
      const faults: string[] = [];
      for (let href = queue.shift(); href !== undefined; href = queue.shift()) {
        if (seen.has(kindOf(href)) || NO_PAGES.test(href)) continue;
        seen.set(kindOf(href), href);
        await page.goto(href);
        queue.push(...(await linksOf()));
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: HEIGHT });
          for (const fault of await page.evaluate(look)) faults.push(`${href} at ${width} px: ${fault}`);
        }
      }
      expect(faults).toEqual([]);
      expect(visitor.faults).toEqual([]);
      // The walk has met the pages that there are, and not only the door.
      expect([...seen.keys()]).toEqual(
        expect.arrayContaining([
          '/projects/:id',
          '/projects/:id/run/blur',
          '/runs/:number',
          '/runs/:number/log',
          '/runs/:number/share',
          '/help',
        ]),
      );
      expect(seen.size).toBeGreaterThan(15);
    },
    3 * MINUTE,
  );

  /** The main kinds of pages as somebody else sees them. @param check on each of them. @returns what is wrong, by address. */
  async function seenBy(
    options: BrowserContextOptions,
    check: (page: Page) => Promise<string[]>,
    { by = browser, hrefs = kinds } = {},
  ): Promise<string[]> {
    const storageState = await visitor.context.storageState();
    const context = await by.newContext({ baseURL: product.address, reducedMotion: 'reduce', storageState, ...options });
    const own = await context.newPage();
    const faults: string[] = [];
    for (const href of hrefs) {
      const answer = await own.goto(href);
      expect([href, answer?.status()]).toEqual([href, 200]);
      await own.waitForFunction(() => document.querySelector('#table-page[data-working]') === null);
      for (const fault of await check(own)) faults.push(`${href}: ${fault}`);
    }
    await context.close();
    return faults;
  }

  it(
    'lose nothing and cover nothing at 200 %, of the page and of its letters alone, and show where the keyboard is',
    async () => {
      const look = async (own: Page) => [...(await own.evaluate(lookForLosses)), ...(await focusFaults(own))];
      expect(await seenBy(ZOOMED, look)).toEqual([]);
      const large = await launchBrowser(LARGE_LETTERS);
      const sizes = new Set<string>();
      const faults = await seenBy(
        DESK,
        async (own) => {
          sizes.add(await own.evaluate(() => getComputedStyle(document.body).fontSize));
          return look(own);
        },
        { by: large },
      );
      await large.close();
      expect({ faults, sizes: [...sizes] }).toEqual({ faults: [], sizes: ['28px'] });
    },
    2 * MINUTE,
  );

  it(
    'tell everything in colours that somebody forces upon them, and move nothing for those who want no motion',
    async () => {
      const looks = async (own: Page) => [...(await own.evaluate(lookForColours)), ...(await own.evaluate(lookForMotion))];
      const look = async (own: Page) => [...(await looks(own)), ...(await focusFaults(own))];
      expect(await seenBy({ ...DESK, forcedColors: 'active', reducedMotion: 'reduce' }, look)).toEqual([]);
      // For others a run that is under way turns.
      const moving = { ...DESK, reducedMotion: 'no-preference' } as const;
      expect(await seenBy(moving, (own) => own.evaluate(lookForMotion), { hrefs: ['/runs/1'] })).toContainEqual(
        expect.stringMatching(/: moves: /),
      );
    },
    MINUTE,
  );
});

/** In the page. A line of text is long from 130 letters on, taken as half as wide as they are high. */
function look(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  const faults = scrollWidth > clientWidth ? [`${scrollWidth - clientWidth} px too wide`] : [];
  for (const stage of document.querySelectorAll('[role="application"]')) {
    const { width } = stage.getBoundingClientRect();
    if (width < 0.8 * Math.min(360, clientWidth)) faults.push(`an image in ${Math.round(width)} px`);
  }
  for (const paragraph of document.querySelectorAll('main p')) {
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    const letters = range.getBoundingClientRect().width / parseFloat(getComputedStyle(paragraph).fontSize) / 0.5;
    if (letters > 130) faults.push(`a line of ${Math.round(letters)} letters: ${(paragraph.textContent ?? '').trim().slice(0, 40)}`);
  }
  return faults;
}
