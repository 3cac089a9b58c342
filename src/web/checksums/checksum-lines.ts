import type { EntryPath } from '../../common/files/entry-name';

const BACKSLASH = 0x5c;
/** How `sha256sum` writes what would break a line. */
const ESCAPES = new Map([
  [BACKSLASH, '\\\\'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
]);

/** One line as `sha256sum` writes and checks it: raw bytes, because names may be any. */
export function checksumLine(sha256: string, path: EntryPath): Buffer {
  const name = Buffer.concat(path.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('/'), part])));
  if (![...ESCAPES.keys()].some((byte) => name.includes(byte))) return Buffer.concat([Buffer.from(`${sha256}  `), name, Buffer.from('\n')]);
  const escaped = [...name].map((byte) => ESCAPES.get(byte) ?? String.fromCharCode(byte)).join('');
  return Buffer.from(`\\${sha256}  ${escaped}\n`, 'latin1');
}
