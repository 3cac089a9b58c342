import { pageLocale } from './page-locale.js';
import { fillIn } from './sentences.js';

/** Rows of a log as the server sends them, and as elements: the same that `views/partials/log/rows.hbs` makes. */

export interface Row {
  /** First byte, its name. */
  at: number;
  /** It goes on the line of the row before. */
  c?: true;
  t?: 'w' | 'e';
  /** Characters left out. */
  more?: number;
  s: [text: string, classes: string][];
}

export interface Rows {
  rows: Row[];
  /** Number of the line of the first row; null while nobody has counted. */
  first: number | null;
  from: number;
  to: number;
  /** What stands from here on may still change. */
  resume: number;
  size: number;
  lines: number | null;
  attempt: number;
  grows: boolean;
}

/** The page must not ask again: it is gone, or not ours any more. */
export class Gone extends Error {}

const TONES = { w: 'wrn', e: 'err' } as const;
const GONE = new Set([401, 403, 404]);
/** From this many lines on numbers need more room. */
const MANY = 100_000;

/** Address of the log page, and the attempt where it is not the last. */
export interface LogAddress {
  base: string;
  attempt: string | undefined;
  /** Asked for by the page itself, and not by somebody who does something. */
  isLive?: boolean;
}

export async function fetchRows(address: LogAddress, query: Record<string, number | string>, signal?: AbortSignal): Promise<Rows> {
  return (await fetchJson(address, 'rows', query, signal)) as Rows;
}

/** @throws Gone, or an Error with the server's sentence. */
export async function fetchJson(
  { base, attempt, isLive }: LogAddress,
  what: string,
  query: Record<string, number | string>,
  signal?: AbortSignal,
): Promise<unknown> {
  const words = new URLSearchParams(attempt ? { attempt } : {});
  for (const [name, value] of Object.entries(query)) words.set(name, String(value));
  const headers = { accept: 'application/json', ...(isLive ? { 'x-live': 'yes' } : {}) };
  const answer = await fetch(`${base}/${what}?${words}`, { headers, signal: signal ?? null });
  if (answer.redirected || GONE.has(answer.status)) throw new Gone(String(answer.status));
  if (!answer.ok) {
    const told = (await answer.json().catch(() => ({}))) as { error?: { message?: string } };
    throw new Error(told.error?.message ?? String(answer.status));
  }
  return answer.json();
}

/** @param words of the page, by key. */
export function rowElements({ rows, first }: Pick<Rows, 'rows' | 'first'>, address: LogAddress, words: Words): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let number = first ?? 0;
  for (const [index, row] of rows.entries()) {
    if (index > 0 && !row.c) number += 1;
    fragment.append(rowElement(row, first === null || (row.c && index > 0) ? null : number, address, words));
  }
  return fragment;
}

function rowElement(row: Row, number: number | null, address: LogAddress, words: Words): HTMLElement {
  const element = document.createElement('span');
  element.dataset['at'] = String(row.at);
  element.className = [row.t ? TONES[row.t] : '', row.c ? 'cont' : ''].filter(Boolean).join(' ');
  const link = document.createElement('a');
  link.className = 'n';
  link.tabIndex = -1;
  element.append(link);
  setNumber(element, number, address, words);
  for (const [text, classes] of row.s) {
    if (!classes) element.append(text);
    else element.append(Object.assign(document.createElement('span'), { textContent: text, className: classes }));
  }
  if (row.more) {
    const href = addressOf(address, { at: row.at, whole: 1 });
    const textContent = fill(words['moreCharacters'], { count: row.more });
    element.append(Object.assign(document.createElement('a'), { className: 'more', href, textContent }));
  }
  return element;
}

/** @param number of the line that begins with this row; null where that is not known, or it begins none. */
export function setNumber(element: HTMLElement, number: number | null, address: LogAddress, words: Words): void {
  const link = element.firstElementChild as HTMLAnchorElement;
  if (number === null) {
    link.href = addressOf(address, { at: atOf(element) });
    link.ariaLabel = words['placeLink'] ?? '';
  } else {
    link.href = addressOf(address, { line: number });
    link.ariaLabel = fill(words['lineLink'], { line: number });
    link.dataset['n'] = String(number);
  }
}

export function addressOf({ base, attempt }: LogAddress, query: Record<string, number>): string {
  const words = new URLSearchParams(attempt ? { attempt } : {});
  for (const [name, value] of Object.entries(query)) words.set(name, String(value));
  return `${base}?${words}`;
}

export function atOf(element: Element | null | undefined): number {
  return Number((element as HTMLElement | null | undefined)?.dataset['at']);
}

/** Takes away the rows that begin at a byte or after it. */
export function dropFrom(log: HTMLElement, byte: number): void {
  while (log.lastElementChild && atOf(log.lastElementChild) >= byte) log.lastElementChild.remove();
}

/** Makes room for numbers as long as these. */
export function makeRoom(log: HTMLElement, lines: number | null, size: number): void {
  log.classList.toggle('many', lines === null ? size > MANY * 100 : lines >= MANY);
}

/** Sentences by key, with `{name}` for what is filled in. */
export type Words = Record<string, string>;

let grouped: Intl.NumberFormat | undefined;

/** As `text` of the server does it, and numbers with their groups. */
export function fill(sentence: string | undefined, values: Record<string, number | string>): string {
  return fillIn(sentence ?? '', values, pageLocale(), (value) => {
    if (typeof value === 'string') return value;
    grouped ??= new Intl.NumberFormat(pageLocale());
    return grouped.format(value);
  });
}

/** The sentences that the page brings along. */
export function readWords(): Words {
  const source = document.getElementById('log-words-of')?.textContent;
  return source ? (JSON.parse(source) as Words) : {};
}
