import { readFully } from '../http/byte-stream';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { text } from '../../locales/text';
import { shownNumber } from '../tables/shown-number';
import { titledFile, type TitledFile } from './opened-results';
import type { ShownResult } from './result-choice';

/** The few numbers and words in which a run says what came out. */
export interface FiguresView extends TitledFile {
  items: Figure[];
}

export interface Figure {
  name: string;
  /** As people read it, with its unit if there is one. */
  value: string;
}

const MOST_BYTES = 64 * 1024;
const MOST_FIGURES = 24;
const LONGEST_NAME = 100;
const LONGEST_VALUE = 200;
/** Python writes NaN and Infinity, which JSON does not have. Words in quotes are taken whole, also where they have no end. */
const WORDS_OR_NO_NUMBER = /("(?:[^"\\]|\\[^]?)*"?)|-?\b(?:NaN|Infinity)\b/g;

/** @returns null for what are no figures: the list of files has it all the same. */
export async function readFigures(results: SafeDirectory, result: ShownResult): Promise<FiguresView | null> {
  const { handle, size } = await results.openFile(result.file.path);
  try {
    if (size > MOST_BYTES) return null;
    const bytes = Buffer.alloc(size);
    await readFully(handle, bytes, 0);
    const items = figuresIn(bytes.toString('utf8'));
    return items.length === 0 ? null : { ...titledFile(result, 'paper'), items };
  } finally {
    await handle.close();
  }
}

/** From JSON: an object of numbers, words and truths by their names, or a list of `{ name, value, unit }`. What is neither is left out. */
export function figuresIn(source: string): Figure[] {
  const entries = entriesOf(parsed(source));
  const found = entries.flatMap(({ name, value, unit }): Figure[] => {
    const words = inWords(value);
    if (typeof name !== 'string' || name === '' || words === null) return [];
    const measure = typeof unit === 'string' && unit !== '' ? ` ${unit.slice(0, LONGEST_NAME)}` : '';
    return [{ name: name.slice(0, LONGEST_NAME), value: `${words}${measure}` }];
  });
  return found.slice(0, MOST_FIGURES);
}

function parsed(source: string): unknown {
  return orNull(source) ?? orNull(source.replace(WORDS_OR_NO_NUMBER, (_, words?: string) => words ?? 'null'));
}

function orNull(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return null;
  }
}

function entriesOf(value: unknown): { name?: unknown; value?: unknown; unit?: unknown }[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'object' && one !== null) as { name?: unknown }[];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([name, one]) => ({ name, value: one as unknown }));
}

function inWords(value: unknown): string | null {
  if (value === null) return '–';
  if (typeof value === 'number') return shownNumber(value);
  if (typeof value === 'boolean') return text(value ? 'show.yes' : 'show.no');
  return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST_VALUE) : null;
}
