import { objectTo } from './expression.js';

/** One word, sign or literal of an expression. */
export type Token = { at: number; text: string } & (
  { kind: 'number'; value: number } | { kind: 'text'; value: string } | { kind: 'word' } | { kind: 'sign' } | { kind: 'end' }
);

const BLANK = /\s+/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
/** What follows a number directly would be read as something else than it looks. */
const STUCK = /[\w.]/y;
/** A quote within is written twice. */
const TEXT = /'((?:[^']|'')*)'/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const SIGN = /==|!=|<=|>=|[<>()[\],+\-*/]/y;

/** Signs of other languages, and what they are here. */
const FOREIGN: [RegExp, string][] = [
  [/===?/y, '=='],
  [/!==/y, '!='],
  [/&&?/y, 'and'],
  [/\|\|?/y, 'or'],
  [/=>/y, '>='],
  [/=/y, '=='],
  [/!/y, 'not'],
  [/≤/y, '<='],
  [/≥/y, '>='],
  [/[≠]/y, '!='],
];

/** The tokens of an expression, with one of the kind `end` last. @throws FaultInExpression */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let place = 0;
  for (;;) {
    place += take(BLANK, source, place).length;
    if (place >= source.length) return [...tokens, { kind: 'end', at: source.length + 1, text: '' }];
    const token = tokenAt(source, place);
    tokens.push(token);
    place += token.text.length;
  }
}

function tokenAt(source: string, place: number): Token {
  const at = place + 1;
  const number = take(NUMBER, source, place);
  if (number !== '') return numberToken(source, place, number);
  const word = take(WORD, source, place);
  if (word !== '') return { kind: 'word', at, text: word };
  if (source[place] === "'") {
    const text = take(TEXT, source, place);
    if (text === '') objectTo('openText', at, "'");
    return { kind: 'text', at, text, value: text.slice(1, -1).replaceAll("''", "'") };
  }
  if (source[place] === '"') objectTo('doubleQuotes', at, '"');
  return { kind: 'sign', at, text: signAt(source, place) };
}

function numberToken(source: string, place: number, text: string): Token {
  const value = Number(text);
  const rest = take(STUCK, source, place + text.length);
  if (rest !== '' || !Number.isFinite(value)) objectTo('badNumber', place + 1, text + rest);
  return { kind: 'number', at: place + 1, text, value };
}

function signAt(source: string, place: number): string {
  const sign = take(SIGN, source, place);
  const foreign = FOREIGN.map(([pattern, wanted]) => ({ found: take(pattern, source, place), wanted })).filter(
    ({ found, wanted }) => found !== '' && found !== wanted && found.length > sign.length,
  )[0];
  if (foreign) objectTo('writeInstead', place + 1, foreign.found, foreign.wanted);
  if (sign === '') objectTo('badSign', place + 1, String.fromCodePoint(source.codePointAt(place) ?? 0));
  return sign;
}

/** What a sticky pattern finds at a place; '' for nothing. */
function take(pattern: RegExp, source: string, place: number): string {
  pattern.lastIndex = place;
  return pattern.exec(source)?.[0] ?? '';
}
