import type { Visit, Weight } from './visit';

/** Most bytes of a page, compressed. */
const BUDGET: Weight = { html: 30_000, css: 45_000, js: 40_000 };
const MOST_OF_VIEWER = 150_000;
const MOST_WITH_PLOTS = 320_000;
const KINDS = ['html', 'css', 'js'] as const;

/** What its scripts may weigh: more where images are drawn from tiles, and where plots are drawn. */
export function mostScripts({ hasViewer, hasPlots }: Visit): number {
  if (hasViewer) return MOST_OF_VIEWER;
  return hasPlots ? MOST_WITH_PLOTS : BUDGET.js;
}

/** @returns in words, what of this page is heavier than it may be. */
export function overweight(seen: Visit): string[] {
  const most = { ...BUDGET, js: mostScripts(seen) };
  return KINDS.filter((kind) => seen.weight[kind] > most[kind]).map(
    (kind) => `${kind} weighs ${seen.weight[kind]} bytes, of at most ${most[kind]}`,
  );
}

/** The heaviest pages of each kind, in words. */
export function heaviest(pages: readonly { name: string; visit: Visit }[], count = 5): string[] {
  return KINDS.map((kind) => {
    const sorted = pages.toSorted((one, other) => other.visit.weight[kind] - one.visit.weight[kind]).slice(0, count);
    return `${kind.padEnd(4)} kB: ${sorted.map(({ name, visit }) => `${name} ${(visit.weight[kind] / 1000).toFixed(1)}`).join(', ')}`;
  });
}
