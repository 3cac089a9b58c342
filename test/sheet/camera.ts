/// <reference lib="dom" />
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page, Response } from 'playwright-core';
import { axeObjections, newVisitor, overflow, type Visitor } from '../e2e/browser';
import type { Shot, World } from './shot';

export const WIDTHS = [390, 900, 1400] as const;
export const THEMES = ['light', 'dark'] as const;
const HEIGHT = 900;
/** What lies further down is on no picture. */
const MOST_HEIGHT = 2400;
const PATIENCE_MS = 20_000;

/** Bytes as they travel, and what they may be at most. */
export interface Weight {
  html: number;
  css: number;
  js: number;
}

export interface Picture {
  width: number;
  theme: string;
  path: string;
}

/** A page as it was seen. */
export interface Sighting {
  world: World['name'];
  shot: Shot;
  pictures: Picture[];
  weight: Weight;
  /** Whether it draws plots. */
  hasPlots: boolean;
  /** What is wrong with it; empty for a good page. */
  objections: string[];
}

/** Takes the pictures of one world. */
export class Camera {
  /** By address, which has the version of the content in it. */
  private readonly weights = new Map<string, number>();

  constructor(
    private readonly browser: Browser,
    private readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** Never throws: what goes wrong is an objection. */
  async take(world: World, shot: Shot): Promise<Sighting> {
    const sighting: Sighting = {
      world: world.name,
      shot,
      pictures: [],
      weight: { html: 0, css: 0, js: 0 },
      hasPlots: false,
      objections: [],
    };
    const restore = shot.alone?.();
    const { address } = world.laboratory.product;
    const visitor = await newVisitor(this.browser, address);
    const cookies = [...(shot.as ?? [])].map(([name, value]) => ({ name, value, url: address }));
    await visitor.context.addCookies(cookies);
    try {
      await this.open(visitor, shot, sighting);
      for (const theme of THEMES) for (const width of WIDTHS) await this.look(visitor.page, sighting, width, theme);
    } catch (error) {
      sighting.objections.push((error as Error).message.split('\n').slice(0, 3).join(' '));
    } finally {
      restore?.();
    }
    if (!shot.isNoisy) sighting.objections.push(...visitor.faults);
    await visitor.context.close();
    return sighting;
  }

  private async open({ page }: Visitor, shot: Shot, sighting: Sighting): Promise<void> {
    const waits: Promise<void>[] = [];
    const weigh = (answer: Response): void => void waits.push(this.weigh(answer, page, sighting.weight));
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewportSize({ width: WIDTHS[2], height: HEIGHT });
    page.on('response', weigh);
    const answer = await page.goto(shot.address);
    const status = answer?.status() ?? 0;
    if (status !== (shot.status ?? 200)) sighting.objections.push(`was answered with ${status}`);
    await settle(page);
    page.off('response', weigh);
    await Promise.all(waits);
    sighting.hasPlots = (await page.locator('[data-plot]').count()) > 0;
    await shot.act?.(page);
    await settle(page);
  }

  private async weigh(answer: Response, page: Page, weight: Weight): Promise<void> {
    const kind = { document: 'html', stylesheet: 'css', script: 'js' }[answer.request().resourceType()] as keyof Weight | undefined;
    if (!kind || answer.frame() !== page.mainFrame() || (answer.status() >= 300 && answer.status() < 400)) return;
    const known = kind === 'html' ? undefined : this.weights.get(answer.url());
    const bytes = known ?? gzipSync(await answer.body().catch(() => Buffer.alloc(0))).length;
    this.weights.set(answer.url(), bytes);
    weight[kind] += bytes;
  }

  private async look(page: Page, sighting: Sighting, width: number, theme: 'light' | 'dark'): Promise<void> {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: HEIGHT });
    await settle(page);
    const { name } = sighting.shot;
    const path = join(this.folder, `${sighting.shot.family}-${name}-${sighting.world}-${theme}-${width}.png`);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const clip = { x: 0, y: 0, width, height: Math.min(height, MOST_HEIGHT) };
    await page.screenshot({ path, fullPage: true, clip });
    sighting.pictures.push({ width, theme, path });
    for (const objection of [...(await axeObjections(page)), ...(await overflow(page))])
      sighting.objections.push(`${theme} ${width}: ${objection}`);
  }
}

/** Waits until nothing moves any more: pictures, plots, tiles, tables that are being read, frames. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState();
  await page.waitForFunction(
    () =>
      document.querySelector('#table-page[data-working], .table-going') === null &&
      [...document.querySelectorAll('[data-plot]')].every((plot) => plot.matches('[data-plot-drawn], [data-plot-fault]')) &&
      !document.querySelector<HTMLElement>('[data-draft]:not([hidden])'),
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
