import { InvalidInputError } from '../errors';

/**
 * Names of files as Showrunner writes them in addresses and forms. On disk a name is a row of bytes, and pipelines write whatever they
 * like; in an address every name has exactly one spelling. Names of new files follow stricter rules, so that a project can be carried
 * to any computer.
 */

/** Where something lies below a root: the raw bytes of each name on the way; the root itself is the empty list. */
export type EntryPath = readonly Buffer[];

const ENCODED = '~b64~';
const MOST_PATH_BYTES = 4096;
const MOST_NAME_BYTES = 255;
const MOST_DEPTH = 64;

// Controls, line separators, and the marks that turn the direction of writing around.
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** Harmless within a name (they join letters and emoji), but a name of nothing else cannot be seen. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
const LONE_SURROGATE = /\p{Surrogate}/u;
const FORBIDDEN = /[<>:"|?*\\/]/;
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * Reads a path as it stands in an address: names joined by `/`; '' is the root.
 * @throws InvalidInputError for anything that `formatEntryPath` would not have written: `..`, empty names, backslashes, control characters.
 */
export function parseEntryPath(text: string): EntryPath {
  if (text === '') return [];
  if (!isPathShort(text)) throw new InvalidInputError('files.pathTooLong');
  return text.split('/').map(parseEntryName);
}

/** Whether a path that `formatEntryPath` wrote is one that `parseEntryPath` reads: programs make folders as deep as they like. */
export function isPathShort(text: string): boolean {
  return Buffer.byteLength(text) <= 2 * MOST_PATH_BYTES && text.split('/').length <= MOST_DEPTH;
}

/** The one spelling of a path, relative and joined by `/`. */
export function formatEntryPath(path: EntryPath): string {
  return path.map(formatEntryName).join('/');
}

/** The one spelling of a name: as it is where that is unambiguous, else `~b64~` and its bytes in base64url. */
export function formatEntryName(name: Buffer): string {
  const text = name.toString('utf8');
  const plain = Buffer.from(text, 'utf8').equals(name) && isPlain(text);
  return plain ? text : ENCODED + name.toString('base64url');
}

function isPlain(text: string): boolean {
  if (text === '' || text === '.' || text === '..' || text.startsWith(ENCODED)) return false;
  return !INVISIBLE.test(text) && !text.includes('\\') && !text.includes('/') && text.trim() === text;
}

/** @throws InvalidInputError when this is not a name, or not its one spelling. */
export function parseEntryName(text: string): Buffer {
  const name = text.startsWith(ENCODED) ? Buffer.from(text.slice(ENCODED.length), 'base64url') : Buffer.from(text, 'utf8');
  if (name.length === 0 || name.length > MOST_NAME_BYTES || !isEntryName(name) || formatEntryName(name) !== text) {
    throw new InvalidInputError('files.badPath');
  }
  return name;
}

/** Whether these bytes can be one name in a folder: not empty, `.`, `..`, and without slash and NUL. */
export function isEntryName(name: Buffer): boolean {
  if (name.length === 0 || name.includes(0) || name.includes(0x2f)) return false;
  return !(name.equals(Buffer.from('.')) || name.equals(Buffer.from('..')));
}

/** A name for people to read: what cannot be shown is replaced by the sign for an unknown character. Not an address. */
export function showEntryName(name: Buffer): string {
  return name.toString('utf8').replace(new RegExp(INVISIBLE, 'gu'), '\u{fffd}');
}

/**
 * Checks the name of something new and brings it to the composed form of Unicode (macOS sends the decomposed one, and two spellings
 * of one name would be two files).
 * @returns the bytes to store.
 * @throws InvalidInputError that says what is wrong with it.
 */
export function newEntryName(text: string): Buffer {
  const name = text.normalize('NFC');
  const fault = nameFault(name);
  if (fault) throw new InvalidInputError(fault, { name: showEntryName(Buffer.from(name.slice(0, 80))) });
  return Buffer.from(name, 'utf8');
}

function nameFault(name: string) {
  if (name.replace(UNSEEN, '') === '') return 'files.nameEmpty';
  if (name === '.' || name === '..') return 'files.nameDots';
  if (LONE_SURROGATE.test(name) || name.includes('\u{fffd}')) return 'files.nameNotText';
  if (INVISIBLE.test(name)) return 'files.nameInvisible';
  if (FORBIDDEN.test(name)) return 'files.nameForbidden';
  if (name.trim() !== name) return 'files.nameBlanks';
  if (name.endsWith('.')) return 'files.nameDotEnd';
  if (name.startsWith(ENCODED)) return 'files.nameEncoded';
  if (RESERVED.test(name)) return 'files.nameReserved';
  if (Buffer.byteLength(name) > MOST_NAME_BYTES) return 'files.nameTooLong';
  return undefined;
}

/** `picture.tif` → `picture (2).tif`, shortened where the name would become too long. */
export function numberedName(name: Buffer, number: number): Buffer {
  const text = name.toString('utf8');
  const dot = text.lastIndexOf('.');
  const ending = dot > 0 && text.length - dot <= 12 ? text.slice(dot) : '';
  let stem = text.slice(0, text.length - ending.length);
  const mark = ` (${number})`;
  while (Buffer.byteLength(stem + mark + ending) > MOST_NAME_BYTES) stem = stem.replace(/.$/su, '');
  return Buffer.from(stem.trimEnd() + mark + ending, 'utf8');
}
