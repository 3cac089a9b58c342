/**
 * Fills one installation as people use it and one with very much of everything, opens their pages in a browser that has seen none before, and
 * writes what they weigh to standard output, as one line of JSON.
 */
import type { Browser } from 'playwright-core';
import { closeAll } from '../../sheet/laboratory';
import { fullWorld } from '../../sheet/full-world';
import { typicalWorld } from '../../sheet/typical-world';
import type { Shot, World } from '../../sheet/shot';
import { enter, visit, type Scales, type Visit } from '../../sheet/visit';
import { launchBrowser } from '../../e2e/browser';

/** A page and what it weighs, in bytes as they travel. */
export interface Weighed extends Pick<Visit, 'weight' | 'hasViewer' | 'hasPlots'> {
  name: string;
  /** Requests that went to other hosts. */
  elsewhere: number;
}

async function main(): Promise<void> {
  const browser = await launchBrowser();
  const scales: Scales = new Map();
  const pages: Weighed[] = [];
  for (const fill of [typicalWorld, fullWorld]) {
    const world = await fill();
    for (const shot of world.shots) pages.push(await weigh(browser, world, shot, scales));
    await world.laboratory.close();
  }
  await browser.close();
  process.stdout.write(`${JSON.stringify(pages)}\n`);
}

async function weigh(browser: Browser, world: World, shot: Shot, scales: Scales): Promise<Weighed> {
  const visitor = await enter(browser, world, shot);
  const { weight, hasViewer, hasPlots, status } = await visit(visitor.page, shot, scales);
  await visitor.context.close();
  const name = `${world.name}/${shot.name}`;
  if (status !== (shot.status ?? 200)) process.stderr.write(`${name} answered ${status}\n`);
  const elsewhere = visitor.faults.filter((fault) => fault.startsWith('asked another host')).length;
  return { name, weight, hasViewer, hasPlots, elsewhere };
}

main()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  })
  .finally(() => closeAll());
