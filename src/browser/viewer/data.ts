/** What the server wrote into the page. */
export interface LayerData {
  title: string;
  kind: 'light' | 'colour' | 'labels' | 'shapes';
  source: string;
  version: number;
  pages: number[];
  sample: number;
  colour: string;
  opacity: number;
  visible: boolean;
  outline: boolean;
  table: string;
  key: string;
}

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
