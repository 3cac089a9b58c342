import type { Sighting, Weight } from './camera';

/** Most bytes of a page that nothing is known of, compressed. */
export const BUDGET: Weight = { html: 30_000, css: 45_000, js: 40_000 };
const MOST_OF_VIEWER = 150_000;
const MOST_WITH_PLOTS = 320_000;

/** What its scripts may weigh: more where images are drawn from tiles, and where plots are drawn. */
export function mostScripts(address: string, hasPlots: boolean): number {
  if (/^\/runs\/\d+\/viewer/.test(address)) return MOST_OF_VIEWER;
  return hasPlots ? MOST_WITH_PLOTS : BUDGET.js;
}

/** @returns in words, what of this page is heavier than it may be. */
export function overweight({ shot, weight, hasPlots }: Sighting): string[] {
  const most = { ...BUDGET, js: mostScripts(shot.address, hasPlots) };
  return (['html', 'css', 'js'] as const)
    .filter((kind) => weight[kind] > most[kind])
    .map((kind) => `${kind} weighs ${weight[kind]} bytes, of at most ${most[kind]}`);
}

/** The heaviest pages of each kind. */
export function heaviest(sightings: readonly Sighting[], count = 5): string[] {
  return (['html', 'css', 'js'] as const).map((kind) => {
    const sorted = [...sightings].sort((one, other) => other.weight[kind] - one.weight[kind]).slice(0, count);
    const words = sorted.map(({ world, shot, weight }) => `${world}/${shot.name} ${(weight[kind] / 1000).toFixed(1)}`);
    return `${kind.padEnd(4)} kB: ${words.join(', ')}`;
  });
}
