import { compileGlob } from '../output-glob';

export const LAYER_ROLES = ['image', 'labels', 'outlines', 'shapes'] as const;
export type LayerRole = (typeof LAYER_ROLES)[number];

/** A file, or several, laid over those before it. */
export interface LayerRule {
  /** Among the results; `{*}` is what `each` of the view found. One of `glob`, `list` and `parameter` is there. */
  glob?: string | undefined;
  /** Among the results: tables as EllViewer takes them, whose rows are layers. */
  list?: string | undefined;
  /** A file that the run was given. */
  parameter?: string | undefined;
  title?: string | undefined;
  /** `labels`: pixels are numbers of objects; `outlines`: the same, only their borders drawn; `shapes`: GeoJSON. */
  as: LayerRole;
  /** `#rrggbb`; absent: as the file says, or one of a row of colours. */
  colour?: string | undefined;
  /** From 0 to 1. */
  opacity: number;
  visible: boolean;
  /** Path of the table with a row for each object, `{*}` as in `glob`. */
  table?: string | undefined;
  /** Its column with the numbers of the objects; of shapes also the property that holds them. */
  key?: string | undefined;
}

/** Files of a run shown together. */
export interface ViewRule {
  title: string;
  kind: 'layers';
  group?: string | undefined;
  caption?: string | undefined;
  /** One view for each result that it matches; what its first `*` stood for is `{*}` in the title and in layers. */
  each?: string | undefined;
  /** Micrometres of a pixel, or the parameter that tells them; absent: as the first image says. */
  pixelSize?: number | { parameter: string } | undefined;
  /** The lowest first. */
  layers: LayerRule[];
}

export const PLACE = '{*}';
const LONE_STAR = /(?<!\*)\*(?!\*)/;

export function hasLoneStar(glob: string): boolean {
  return LONE_STAR.test(glob);
}

/** What the first `*` of a pattern stands for in paths. @returns null for a path that does not match. */
export function starOf(glob: string): (path: string) => string | null {
  const star = LONE_STAR.exec(glob)?.index ?? glob.length;
  const [before, after] = [compileGlob(glob.slice(0, star)), compileGlob(glob.slice(star + 1))];
  const matches = compileGlob(glob);
  return (path) => {
    if (!matches(path)) return null;
    for (let begin = 0; begin <= path.length; begin++) {
      if (!before(path.slice(0, begin))) continue;
      let end = begin;
      while (end < path.length && !after(path.slice(end))) end += 1;
      const found = path.slice(begin, end);
      if (after(path.slice(end)) && !found.includes('/')) return found;
    }
    return null;
  };
}

export function fillPlace(text: string, star: string | null): string {
  return star === null ? text : text.replaceAll(PLACE, () => star);
}
