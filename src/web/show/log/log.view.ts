import type { LogRow } from './log-reader';
import { sentencesOf } from '../../../locales/text';
import type { LogFacts, NumberedBlock } from './run-log';

/** One row as `views/partials/log/rows.hbs` draws it. */
export interface LogRowView {
  at: number;
  /** Number of its line, on the first row of the line only; null on others, and while lines are not counted. */
  n: number | null;
  /** Class names of the row. */
  classes: string;
  stretches: { text: string; classes: string }[];
  leftOut: number;
}

/** Rows as a script gets them; short names, for there are many. */
export interface LogAnswer {
  rows: {
    at: number;
    /** It goes on the line of the row before. */
    c?: true;
    t?: 'w' | 'e';
    /** Characters left out. */
    more?: number;
    s: [text: string, classes: string][];
  }[];
  first: number | null;
  from: number;
  to: number;
  resume: number;
  size: number;
}

/** Sentences that scripts fill in. */
const SCRIPT_KEYS = [
  'hitOf',
  'hits',
  'hitsMost',
  'lineLink',
  'lines',
  'moreCharacters',
  'noHits',
  'noHitsAfter',
  'placeLink',
  'searchFailed',
  'searching',
] as const;

export function scriptWords(): Record<string, string> {
  const sentences = sentencesOf('log');
  return Object.fromEntries(SCRIPT_KEYS.map((key) => [key, sentences[key]]));
}

const MANY_LINES = 100_000;
const MANY_BYTES = 10_000_000;
const TONES = { plain: '', warning: 'wrn', error: 'err' } as const;
const SHORT_TONES = { plain: undefined, warning: 'w', error: 'e' } as const;

/** @param here byte of the row that was asked for. */
export function rowViews({ rows, first }: Pick<NumberedBlock, 'rows' | 'first'>, here?: number): LogRowView[] {
  let number = first ?? 0;
  return rows.map((row, index) => {
    if (index > 0 && !row.isContinued) number += 1;
    const isHere = here !== undefined && row.at <= here && (rows[index + 1]?.at ?? Infinity) > here;
    return {
      at: row.at,
      n: first === null || (row.isContinued && index > 0) ? null : number,
      classes: [TONES[row.tone], row.isContinued ? 'cont' : '', isHere ? 'here' : ''].filter(Boolean).join(' '),
      stretches: row.stretches.map(([text, classes]) => ({ text, classes })),
      leftOut: row.leftOut,
    };
  });
}

export function logAnswer({ rows, first, from, to, resume, size }: NumberedBlock): LogAnswer {
  return { rows: rows.map(short), first, from, to, resume, size };
}

function short({ at, isContinued, tone, leftOut, stretches }: LogRow): LogAnswer['rows'][number] {
  const t = SHORT_TONES[tone];
  return { at, ...(isContinued ? { c: true as const } : {}), ...(t ? { t } : {}), ...(leftOut > 0 ? { more: leftOut } : {}), s: stretches };
}

/** What a log ends with. */
export interface LastWords {
  /** The last line that looks like the cause of a failure, or else the last that says anything; '' for an empty log. */
  lastWords: string;
  /** Whether that line looks like the cause. */
  tellsCause: boolean;
}

export function lastWords(rows: readonly LogRow[]): LastWords {
  const said = rows
    .map(({ stretches, tone }) => ({
      tone,
      words: stretches
        .map(([text]) => text)
        .join('')
        .trim(),
    }))
    .filter(({ words }) => words !== '');
  const cause = said.findLast(({ tone }) => tone === 'error');
  return { lastWords: (cause ?? said.at(-1))?.words ?? '', tellsCause: cause !== undefined };
}

/** Whether the numbers of lines need much room. */
export function isLong({ lines, size }: Pick<LogFacts, 'lines' | 'size'>): boolean {
  return lines === null ? size > MANY_BYTES : lines >= MANY_LINES;
}
