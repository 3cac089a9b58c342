import { text } from '../../../locales/text';

/** A stretch of what is written. */
export interface Piece {
  text: string;
  /** Where it comes from; null for what the manifest itself says: whoever wrote that knows the file. */
  of: Origin | null;
}

/** Where a value comes from. */
export interface Origin {
  /** Name of the parameter beside whose field a fault is told; of a place, its name. */
  name: string;
  /** Whether it is the path of a file. */
  isFile: boolean;
  /** Counted from 1; null outside of rows. */
  row: number | null;
}

/** Why a value cannot be written; `name` as in `Origin`. */
export interface PieceFault {
  name: string;
  sentence: string;
}

export function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join('');
}

const MOST_SHOWN = 60;
// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** What ends a line for some reader, or cannot be seen, or is no text. A tab separates words as a blank does. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]/u;

/** Whether a value holds what no line of a file can. */
export function controlIn(value: string): boolean {
  return CONTROL.test(value);
}

/** Says that a value does not fit, and what to do. @param found what it must not hold, in words; null: control characters. */
export function refusal(piece: Piece, origin: Origin, file: string, found: string | null): PieceFault {
  const { name, isFile, row } = origin;
  const value = isFile ? shownPath(piece.text) : shown(piece.text);
  const said = { file, value, found: found ?? text('rendering.controls') };
  const sentence = text(isFile ? 'rendering.fileRefused' : 'rendering.valueRefused', said);
  return { name, sentence: row === null ? sentence : text('rendering.inRow', { row, sentence }) };
}

/** Shortened, with a sign for what cannot be seen. */
export function shown(value: string): string {
  const seen = value.replace(UNSEEN, '\u{fffd}');
  return seen.length > MOST_SHOWN ? `${seen.slice(0, MOST_SHOWN)}…` : seen;
}

/** The end of a path: where it begins is nobody's business. */
export function shownPath(path: string): string {
  return shown(path.split('/').slice(-2).join('/'));
}

/** A character as sentences name it. */
export function characterInWords(character: string): string {
  if (/\s/u.test(character)) return text('rendering.blank');
  return `“${character}”`;
}
