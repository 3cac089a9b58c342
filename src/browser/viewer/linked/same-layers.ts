import type { LayerData } from '../data.js';
import type { LayerState } from '../layer-state.js';

/** For each layer of one image the one of another that shows the same: of its title and kind, or in its place; -1 for none. */
export function sameLayers(one: readonly LayerData[], other: readonly LayerData[]): number[] {
  return one.map(({ title, kind }, index) => {
    const named = other.findIndex((layer) => layer.title === title && layer.kind === kind);
    return named >= 0 ? named : other[index]?.kind === kind ? index : -1;
  });
}

/** Shows layers of another image as those of this one. */
export function copyStates(from: readonly LayerState[], to: LayerState[], same: readonly number[]): void {
  same.forEach((place, index) => {
    if (place < 0) return;
    const { visible, opacity, colour, outline, range } = from[index];
    Object.assign(to[place], { visible, opacity, colour, outline, range: range && [...range] });
  });
}
