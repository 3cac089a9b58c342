/// <reference lib="dom" />
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

export const SCREENSHOTS = resolve(__dirname, '..', 'screenshots');
type Look = readonly [width: number, theme: 'light' | 'dark'];

/** A phone by day and a desk by night: what a change looks at. `npm run campaign looks` adds the others, and `npm run sheet` sees all pages in all of them. */
const FEW_LOOKS: readonly Look[] = [
  [390, 'light'],
  [1280, 'dark'],
];
/** On half a screen only the layout differs, so axe looks elsewhere. */
const FURTHER_LOOKS: readonly Look[] = [
  [390, 'dark'],
  [900, 'light'],
  [1280, 'light'],
];
const LOOKS = process.env['LOOKS'] === 'all' ? [...FEW_LOOKS, ...FURTHER_LOOKS] : FEW_LOOKS;
const HEIGHT = 900;
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.test 127.0.0.1, EXCLUDE 127.0.0.1',
];

/** Of pages themselves, and of the parts of the browser, such as its viewer of documents. */
const OWN_PROTOCOLS = new Set(['data:', 'blob:', 'chrome:', 'chrome-extension:']);

/** One person's browser, which notes whatever a good page never does. */
export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** Errors in the console, refusals by the content policy, requests to other hosts, answers of 500 and more. */
  faults: string[];
  /** Further tabs of the same browser are watched as well. */
  newTab(): Promise<Page>;
}

/** @param more arguments of the program. */
export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: [...ARGUMENTS, ...more] });
}

/** @param address of the product; nothing else may be asked for. */
export async function newVisitor(browser: Browser, address: string, options: { scripts?: boolean } = {}): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: address,
    viewport: { width: 1280, height: HEIGHT },
    reducedMotion: 'reduce',
    javaScriptEnabled: options.scripts ?? true,
    locale: 'en-GB',
  });
  const faults: string[] = [];
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== address && !OWN_PROTOCOLS.has(protocol)) faults.push(`asked another host: ${request.url()}`);
  });
  context.on('response', (answer) => {
    if (answer.status() >= 500) faults.push(`${answer.status()} from ${answer.url()}`);
  });
  context.on('console', (message) => {
    const expected = /the server responded with a status of 4\d\d/.test(message.text());
    if ((message.type() === 'error' || message.type() === 'warning') && !expected) faults.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`script: ${error.error().message}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`refused by policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return { page: await context.newPage(), context, faults, newTab: () => context.newPage() };
}

/**
 * Takes pictures of a page in both themes and at several widths, and checks each with axe.
 * @returns what axe objects to; empty for a good page.
 */
export async function look(page: Page, name: string): Promise<string[]> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const objections: string[] = [];
  for (const [width, theme] of LOOKS) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: HEIGHT });
    await page.evaluate(async () => {
      for (const image of document.images) image.loading = 'eager';
      await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
      // Parts that scroll by themselves are painted a frame later than the page.
      for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
    });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}-${theme}.png`), fullPage: true });
    const said = width === 900 ? [] : await axeObjections(page);
    for (const objection of [...said, ...(await overflow(page))]) objections.push(`${name} ${width} ${theme}: ${objection}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: HEIGHT });
  return objections;
}

export async function axeObjections(page: Page): Promise<string[]> {
  // The looks of one page share its document, and its source is large.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const runner = (window as unknown as { axe: typeof axe }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const result = await runner.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return result.violations.map(
      (one) =>
        `${one.id} at ${one.nodes
          .map((node) => node.target.join(' '))
          .slice(0, 4)
          .join(', ')}`,
    );
  });
  return violations;
}

/** A page never scrolls sideways; what is wide scrolls within itself. */
export async function overflow(page: Page): Promise<string[]> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return wide > 0 ? [`the page is ${wide} px too wide`] : [];
}

/** Comes in as a guest and makes a project. @returns its path. */
export async function guestProject(page: Page, name: string): Promise<string> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Continue as guest' }).first().click();
  await page.goto('/projects');
  await page.getByLabel('Name').first().fill(name);
  await page.getByRole('button', { name: 'Create project' }).first().click();
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}
