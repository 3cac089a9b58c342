import { parseEntryPath, showEntryName } from '../../common/files/entry-name';
import { writtenSet } from '../../common/pipelines/sweep/sweep-axis';
import { text } from '../../locales/text';

const REFERENCE = /^(?:project|inbox|own):([^]+)$/;

/** A value of an axis as people read it: a file by its path, a switch as a word, a set in one line. */
export function valueWords(value: string): string {
  const address = REFERENCE.exec(value)?.[1];
  if (address !== undefined) return shownPath(address);
  if (value === 'true') return text('show.yes');
  return value === 'false' ? text('show.no') : writtenSet(value);
}

function shownPath(address: string): string {
  try {
    return parseEntryPath(address).map(showEntryName).join('/');
  } catch {
    return address;
  }
}
