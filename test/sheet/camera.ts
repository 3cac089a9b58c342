/// <reference lib="dom" />
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { axeObjections, overflow, type Visitor } from '../e2e/browser';
import type { Shot, World } from './shot';
import { enter, settle, visit, type Scales, type Visit } from './visit';

export const WIDTHS = [390, 900, 1400] as const;
export const THEMES = ['light', 'dark'] as const;
const HEIGHT = 900;
/** What lies further down is on no picture. */
const MOST_HEIGHT = 2400;

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
  /** Null where it could not be opened. */
  visit: Visit | null;
  /** What is wrong with it; empty for a good page. */
  objections: string[];
}

/** Takes the pictures of pages, and looks at each with axe. */
export class Camera {
  private readonly scales: Scales = new Map();

  constructor(
    private readonly browser: Browser,
    private readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** Never throws: what goes wrong is an objection. */
  async take(world: World, shot: Shot): Promise<Sighting> {
    const sighting: Sighting = { world: world.name, shot, pictures: [], visit: null, objections: [] };
    let visitor: Visitor | undefined;
    let restore: (() => void) | undefined;
    try {
      visitor = await enter(this.browser, world, shot);
      restore = shot.alone?.();
      await this.open(visitor.page, sighting);
      for (const theme of THEMES) for (const width of WIDTHS) await this.look(visitor.page, sighting, width, theme);
    } catch (error) {
      sighting.objections.push((error as Error).message.split('\n').slice(0, 3).join(' '));
    } finally {
      restore?.();
    }
    if (!shot.isNoisy) sighting.objections.push(...(visitor?.faults ?? []));
    await visitor?.context.close();
    return sighting;
  }

  private async open(page: Page, sighting: Sighting): Promise<void> {
    const { shot } = sighting;
    sighting.visit = await visit(page, shot, this.scales);
    const { status } = sighting.visit;
    if (status !== (shot.status ?? 200)) sighting.objections.push(`was answered with ${status}`);
    await shot.act?.(page);
  }

  private async look(page: Page, { world, shot, pictures, objections }: Sighting, width: number, theme: 'light' | 'dark'): Promise<void> {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: HEIGHT });
    await settle(page);
    const path = join(this.folder, `${shot.family}-${shot.name}-${world}-${theme}-${width}.png`);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const clip = { x: 0, y: 0, width, height: Math.min(height, MOST_HEIGHT) };
    await page.screenshot({ path, fullPage: true, clip });
    pictures.push({ width, theme, path });
    const objected = await axeObjections(page);
    const said = [...objected.filter((one) => !(shot.isCovered && one.startsWith('target-size'))), ...(await overflow(page))];
    objections.push(...said.map((objection) => `${theme} ${width}: ${objection}`));
  }
}
