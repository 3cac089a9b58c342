/**
 * Fills an installation with very much of everything, opens its pages in a browser that has seen none before, and writes what they weigh to
 * standard output, as one line of JSON.
 */
import { closeAll } from '../../sheet/laboratory';
import { fullWorld } from '../../sheet/full-world';
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
  const world = await fullWorld();
  const browser = await launchBrowser();
  const scales: Scales = new Map();
  const pages: Weighed[] = [];
  for (const shot of world.shots) {
    const visitor = await enter(browser, world, shot);
    const { weight, hasViewer, hasPlots } = await visit(visitor.page, shot, scales);
    const elsewhere = visitor.faults.filter((fault) => fault.startsWith('asked another host')).length;
    pages.push({ name: nameOf(world, shot), weight, hasViewer, hasPlots, elsewhere });
    await visitor.context.close();
  }
  await browser.close();
  process.stdout.write(`${JSON.stringify(pages)}\n`);
}

function nameOf(world: World, shot: Shot): string {
  return `${world.name}/${shot.name}`;
}

main()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  })
  .finally(() => closeAll());
