/** A layer as the page has it: one channel, one image of colours, one mask, or one set of shapes. */
export interface LayerData {
  title: string;
  kind: 'light' | 'colour' | 'labels' | 'shapes';
  /** Below `/runs/<run>/tiles/<what>/`. */
  source: string;
  version: number;
  /** By plane; empty for shapes. */
  pages: number[];
  /** As in `LightLayer`. */
  sample: number;
  /** `#rrggbb`; '' where each object, or each pixel, has its own. */
  colour: string;
  /** Contrast at first; null: what the page suggests. */
  range: [low: number, high: number] | null;
  opacity: number;
  visible: boolean;
  outline: boolean;
  /** Path of the table below the results; '' for none. */
  table: string;
  key: string;
}

/** What the server wrote into the page. */
export interface ViewerData {
  width: number;
  height: number;
  planes: number;
  pixelSize: number | null;
  layers: LayerData[];
  /** Address of the tiles of the run, and of its pages of tables. */
  tiles: string;
  tables: string;
  words: Record<string, string>;
}

/** A sentence of the page, `{name}` filled in. */
export function say(words: Record<string, string>, name: string, values: Record<string, string | number> = {}): string {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (_whole, key: string) => String(values[key] ?? ''));
}
