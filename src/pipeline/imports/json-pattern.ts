import { patternFault } from '../../common/pipelines/pattern';

/** Regular expressions of other worlds, as patterns of a manifest: those match a whole text, and are read with the flag `u`. */

/**
 * A pattern that matches the same whole texts as this one finds somewhere in a text.
 * @returns undefined where JavaScript cannot read it.
 */
export function wholePattern(found: string): string | undefined {
  const source = readable(found);
  if (source === undefined) return undefined;
  const isWhole = source.startsWith('^') && /(?:^|[^\\])(?:\\\\)*\$$/.test(source) && !hasOuterBar(source);
  if (isWhole) return source.slice(1, -1);
  return `[^]*(?:${source})[^]*`;
}

/** The same pattern in the spelling that JavaScript takes with the flag `u`; from Python's too. */
export function readable(source: string): string | undefined {
  if (source.length > 2000) return undefined;
  const common = source
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\A', '^')
    .replaceAll(/\\[Zz]/g, '$');
  for (const candidate of [common, withoutNeedlessEscapes(common)]) if (patternFault(candidate) === undefined) return candidate;
  return undefined;
}

/** With the flag `u` only signs that mean something may be escaped. */
function withoutNeedlessEscapes(source: string): string {
  return source
    .replaceAll(/\\(.)/gsu, (whole, sign: string) => (/[A-Za-z0-9^$\\.*+?()[\]{}|/-]/.test(sign) ? whole : sign))
    .replaceAll(/(?<!\[[^\]]*)\\-/g, '-');
}

/** Whether a bar parts the whole pattern, so that `^` and `$` hold for a part of it only. */
function hasOuterBar(source: string): boolean {
  let depth = 0;
  let inClass = false;
  for (let at = 0; at < source.length; at += 1) {
    const sign = source[at];
    if (sign === '\\') at += 1;
    else if (inClass) inClass = sign !== ']';
    else if (sign === '[') inClass = true;
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (sign === '|' && depth === 0) return true;
  }
  return false;
}

const MOST_ENDINGS = 30;

/**
 * The endings of names that a pattern for paths takes, such as `^\S+\.(csv|tsv)(\.gz)?$`: everything behind its first escaped dot, spelt out.
 * @returns undefined where it says something else than endings.
 */
export function endingsOf(source: string): string[] | undefined {
  const [, before, tail] = /^(.*?)(\\\..*)\$$/s.exec(source) ?? [];
  if (before === undefined || tail === undefined || !/^\^?(?:\\S|\.|\[\^\\s\]|\[\^ \])[*+]$/.test(before)) return undefined;
  const reading = { source: tail, at: 0 };
  const endings = alternatives(reading);
  if (endings === undefined || reading.at !== tail.length) return undefined;
  return endings.every((ending) => /^\.[\w.+-]+$/.test(ending)) ? endings : undefined;
}

interface Reading {
  source: string;
  at: number;
}

function alternatives(reading: Reading): string[] | undefined {
  const all: string[] = [];
  for (;;) {
    const words = sequence(reading);
    if (words === undefined) return undefined;
    all.push(...words);
    if (all.length > MOST_ENDINGS) return undefined;
    if (reading.source[reading.at] !== '|') return [...new Set(all)];
    reading.at += 1;
  }
}

function sequence(reading: Reading): string[] | undefined {
  let words = [''];
  while (reading.at < reading.source.length && !/[|)]/.test(reading.source[reading.at])) {
    let part = single(reading);
    if (part === undefined) return undefined;
    if (reading.source[reading.at] === '?') {
      reading.at += 1;
      part = ['', ...part];
    }
    if (/[*+{]/.test(reading.source[reading.at] ?? '')) return undefined;
    const next = part;
    words = words.flatMap((word) => next.map((more) => word + more));
    if (words.length > MOST_ENDINGS) return undefined;
  }
  return words;
}

function single(reading: Reading): string[] | undefined {
  const rest = reading.source.slice(reading.at);
  const group = /^\((?:\?:)?/.exec(rest);
  if (group) {
    reading.at += group[0].length;
    const inside = alternatives(reading);
    if (inside === undefined || reading.source[reading.at] !== ')') return undefined;
    reading.at += 1;
    return inside;
  }
  const set = /^\[([A-Za-z0-9]{1,10})\]/.exec(rest);
  if (set) {
    reading.at += set[0].length;
    return set[1].split('');
  }
  const letter = /^(?:\\([.+-])|([A-Za-z0-9_-]))/.exec(rest);
  if (!letter) return undefined;
  reading.at += letter[0].length;
  return [letter[1] ?? letter[2]];
}
