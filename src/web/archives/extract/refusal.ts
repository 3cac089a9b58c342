import { DomainError, InvalidInputError } from '../../../common/errors';
import { showEntryName } from '../../../common/files/entry-name';
import { text, type TextKey } from '../../../locales/text';

const MOST_SHOWN = 120;

/** What zip.js says, by the beginning of its message. What is not in the list is a fault of ours. */
const REASONS: [string, TextKey][] = [
  ['Unsafe filename', 'archives.unsafeName'],
  ['Overlapping entry', 'archives.overlap'],
  ['Ambiguous archive', 'archives.differs'],
  ['Local file header not found', 'archives.missing'],
  ['Entry data out of bounds', 'archives.missing'],
  ['Invalid CRC32', 'archives.crc'],
  ['Invalid signature', 'archives.crc'],
  ['Invalid uncompressed size', 'archives.size'],
  ['Invalid compressed data', 'archives.corrupt'],
  ['Compression method not supported', 'archives.methodUnknown'],
  ['File contains encrypted entry', 'archives.encrypted'],
  ['Encryption method not supported', 'archives.encrypted'],
  ['Encrypted central directory', 'archives.encrypted'],
  ['Split zip file', 'archives.multiDisk'],
  ['File format is not recognized', 'archives.notZip'],
  ['End of central directory not found', 'archives.notZip'],
  ['End of Zip64 central directory locator not found', 'archives.damaged'],
  ['Central directory header not found', 'archives.damaged'],
  ['Zip64 extra field not found', 'archives.damaged'],
  ['64-bit value exceeds', 'archives.damaged'],
  ['Offset is outside the bounds', 'archives.damaged'],
];

/**
 * Why an archive is not unpacked, as a sentence that names the entry.
 * @param name of the entry as it stands in the archive; undefined where the archive as a whole is at fault.
 * @param error a DomainError of ours, or what zip.js threw; other faults are given back as they are.
 */
export function refusal(name: string | undefined, error: unknown): unknown {
  const reason = error instanceof DomainError ? error.message : reasonOf(error);
  if (reason === null) return error;
  if (name === undefined) return new InvalidInputError('archives.refused', { reason });
  const shown = name.length > MOST_SHOWN ? `${name.slice(0, MOST_SHOWN).toWellFormed()}…` : name;
  return new InvalidInputError('archives.entryRefused', { name: showEntryName(Buffer.from(shown)), reason });
}

function reasonOf(error: unknown): string | null {
  const message = error instanceof Error ? error.message : '';
  const key = REASONS.find(([begin]) => message.startsWith(begin))?.[1];
  return key === undefined ? null : text(key);
}
