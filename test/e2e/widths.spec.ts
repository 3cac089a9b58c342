import type { Browser, Page } from 'playwright-core';
import { guestProject, launchBrowser, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;
/** A small phone; a desk of 1280 px at 200 %, which is half as many pixels of the page; a screen of 3840 px. */
const WIDTHS = [360, 640, 3840];
const HEIGHT = 900;
const LONG = 'A_project_whose_name_nobody_can_break_anywhere_'.repeat(2).slice(0, 90);
const MANIFEST = `
title: Blur
command: [./blur.sh]
parameters:
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
outputs: [{ glob: cells.csv, kind: table, title: Cells }]
`;
/** Answers that are files, and pages that end a visit. */
const NO_PAGES = /\/(files|zip|crate|views|documents|tiles|checksums\.txt)(\/|\?|$)|\/log\/file|\/export|^\/(logout|assets)/;

describe('pages at all widths', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    const script = '#!/bin/sh\nprintf "cell,area\\n1,2\\n" > cells.csv\nprintf "%0400d\\n" 7\n';
    product = await startProduct({ 'blur/blur.sh': script, 'blur/pipeline.yaml': MANIFEST });
    browser = await launchBrowser();
    visitor = await newVisitor(browser, product.address);
    page = visitor.page;
    const project = await guestProject(page, LONG);
    await page.goto(`${project}/run/blur`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('[data-run-state="succeeded"]').first().waitFor();
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
      const queue = ['/', '/queue', '/no/such/page'];
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
});

/** In the page. A line of text is long from 130 letters on, taken as half as wide as they are high. */
function look(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  const faults = scrollWidth > clientWidth ? [`${scrollWidth - clientWidth} px too wide`] : [];
  for (const paragraph of document.querySelectorAll('main p')) {
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    const letters = range.getBoundingClientRect().width / parseFloat(getComputedStyle(paragraph).fontSize) / 0.5;
    if (letters > 130) faults.push(`a line of ${Math.round(letters)} letters: ${(paragraph.textContent ?? '').trim().slice(0, 40)}`);
  }
  return faults;
}
