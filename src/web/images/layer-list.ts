import { parse } from 'csv-parse/sync';
import { formatEntryPath, parseEntryPath } from '../../common/files/entry-name';
import type { SafeDirectory } from '../../common/files/safe-directory';

/** A row of a table as EllViewer takes it. */
export interface ListedLayer {
  /** Addresses below the results where its picture may lie; none for a picture elsewhere. */
  places: string[];
  title: string;
  /** `#rrggbb`; '' for the picture's own colours. */
  colour: string;
  /** Of brightness: `full`, what the picture suggests (`auto`), or its ends. */
  clip: 'full' | 'auto' | [low: number, high: number];
  visible: boolean;
}

/** Where a name without a folder is looked for, too. */
const PICTURES = 'images';
const MOST_TITLE = 200;
const MOST_ROWS = 48;
const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'", '&#39;': "'", '&amp;': '&' };
const COLUMNS = ['uri', 'name', 'clip', 'transparency', 'color', 'default'];

/** Whether a table with these columns is made for EllViewer, which counts them; but whoever writes such a table names them. */
export function hasLayerColumns(names: readonly string[]): boolean {
  return COLUMNS.every((name, index) => names[index]?.trim().toLowerCase() === name);
}

export function isLayerList(source: string): boolean {
  const [head = ''] = source.replace(/^\ufeff/, '').split(/\r?\n/, 1);
  return hasLayerColumns(head.replaceAll('"', '').split(','));
}

/** @param folder address of the folder in which the table lies; '' for the results themselves. */
export function readLayerList(source: string, folder: string): ListedLayer[] {
  return rowsOf(source)
    .slice(1)
    .map(([uri = '', name = '', clip = '', _transparency, colour = '', state = '']) => ({
      places: picturePlaces(uri, folder),
      title: plainWords(name).slice(0, MOST_TITLE) || (uri.split('/').at(-1) ?? uri),
      colour: /^#[0-9a-f]{6}$/i.test(colour) ? colour : '',
      clip: clipOf(clip),
      visible: state.toLowerCase() === 'visible',
    }));
}

/** None of a table that breaks off within quotes. */
function rowsOf(source: string): string[][] {
  try {
    return parse(source, {
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      to: MOST_ROWS + 1,
    });
  } catch {
    return [];
  }
}

/** Addresses at which a picture that a table names may lie; none for one elsewhere. @param folder address of that of the table. */
export function picturePlaces(uri: string, folder: string): string[] {
  if (/^(?:[a-z][a-z\d+.-]*:|\/)/i.test(uri)) return [];
  try {
    const above = parseEntryPath(folder);
    return [uri, `${PICTURES}/${uri}`].map((name) => formatEntryPath([...above, ...parseEntryPath(name)]));
  } catch {
    return [];
  }
}

/** The first of these places at which there is a file; null for none. @param folder to which they belong. */
export async function firstThere(folder: SafeDirectory, places: readonly string[]): Promise<string | null> {
  for (const place of places) if (await folder.exists(parseEntryPath(place))) return place;
  return null;
}

/** EllViewer takes names for HTML, so careful writers have encoded them; ours are text. */
function plainWords(name: string): string {
  return name.replaceAll(/<[^>]*>/g, '').replaceAll(/&(?:lt|gt|quot|amp|#x27|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}

function clipOf(text: string): ListedLayer['clip'] {
  if (text.toLowerCase() === 'auto') return 'auto';
  const [low, high] = (/^(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)$/.exec(text) ?? []).slice(1).map(Number);
  return high > low ? [low, high] : 'full';
}
