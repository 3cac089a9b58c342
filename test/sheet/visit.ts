/// <reference lib="dom" />
import { gzipSync } from 'node:zlib';
import type { Browser, Page, Response } from 'playwright-core';
import { newVisitor, type Visitor } from '../e2e/browser';
import type { Shot, World } from './shot';

const PATIENCE_MS = 20_000;
const DESK = { width: 1400, height: 900 };

/** Bytes as they travel, compressed. */
export interface Weight {
  html: number;
  css: number;
  js: number;
}

/** How a page was found when it was opened for the first time. */
export interface Visit {
  weight: Weight;
  /** Whether it draws images from tiles: one, or several linked. */
  hasViewer: boolean;
  /** Whether it draws plots. */
  hasPlots: boolean;
  status: number;
}

/** Bytes of style sheets and scripts by address, which has the version of the content in it. */
export type Scales = Map<string, number>;

/** Whoever looks at that page, with an empty cache. */
export async function enter(browser: Browser, { laboratory }: World, { as = new Map() }: Shot): Promise<Visitor> {
  const { address } = laboratory.product;
  const visitor = await newVisitor(browser, address);
  await visitor.context.addCookies([...as].map(([name, value]) => ({ name, value, url: address })));
  visitor.page.setDefaultTimeout(PATIENCE_MS);
  await visitor.page.setViewportSize(DESK);
  return visitor;
}

/** Opens a page, and waits until it is all there. */
export async function visit(page: Page, shot: Shot, scales: Scales): Promise<Visit> {
  const weight: Weight = { html: 0, css: 0, js: 0 };
  const waits: Promise<void>[] = [];
  const seen = new Set<string>();
  const add = (answer: Response): void => {
    // The worker of plots asks for the same files again, and the browser has them.
    if (!seen.has(answer.url())) waits.push(weigh(answer, page, weight, scales));
    seen.add(answer.url());
  };
  page.on('response', add);
  const answer = await page.goto(shot.address);
  await settle(page);
  page.off('response', add);
  await Promise.all(waits);
  const has = async (what: string) => (await page.locator(what).count()) > 0;
  return { weight, status: answer?.status() ?? 0, hasViewer: await has('#viewer, #linked-viewers'), hasPlots: await has('[data-plot]') };
}

async function weigh(answer: Response, page: Page, weight: Weight, scales: Scales): Promise<void> {
  const kind = { document: 'html', stylesheet: 'css', script: 'js' }[answer.request().resourceType()] as keyof Weight | undefined;
  if (!kind || answer.frame() !== page.mainFrame() || (answer.status() >= 300 && answer.status() < 400)) return;
  const bytes = scales.get(answer.url()) ?? gzipSync(await answer.body()).length;
  if (kind !== 'html') scales.set(answer.url(), bytes);
  weight[kind] += bytes;
}

/** Waits until nothing moves any more: pictures, plots, tiles, tables that are being read. */
export async function settle(page: Page): Promise<void> {
  await page.waitForLoadState();
  await page.waitForFunction(
    () =>
      document.querySelector('#table-page[data-working], .table-going') === null &&
      [...document.querySelectorAll<HTMLElement>('[data-plot]')].every((plot) => {
        if (plot.matches('[data-plot-fault]')) return true;
        // It is drawn anew a moment after its room has become another.
        const canvas = plot.querySelector('.plot-canvas')!;
        const { paddingLeft, paddingRight } = getComputedStyle(canvas);
        const width = Math.floor(canvas.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight));
        return plot.dataset['plotDrawn'] === String(width);
      }) &&
      !document.querySelector<HTMLElement>('[data-draft]:not([hidden]), .scripts [data-reading]:not([hidden])'),
  );
  await page.evaluate(async () => {
    for (const image of document.images) image.loading = 'eager';
    await Promise.race([
      Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))),
      new Promise((resolve) => setTimeout(resolve, 5000)),
    ]);
    await document.fonts.ready;
    // Parts that scroll by themselves are painted a frame later than the page.
    for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
  });
}
