import { DomainError } from '../errors';
import { showEntryName, type EntryPath } from '../files/entry-name';
import type { SafeDirectory } from '../files/safe-directory';

/** Every link is this large, so that only files of this size have to be looked into. */
export const LINK_BYTES = 512;

const FIRST_LINE = /^Showrunner link ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n/;
const WORDS = `This stands for a file in the inbox of the server, which was not copied. Pipelines get that file
in place of this one, as long as it is there. Outside of its project a link leads nowhere.
`;

/** What a link holds: its id, and words for whoever opens it elsewhere. @param target in the inbox. */
export function linkContent(id: string, target: EntryPath): Buffer {
  const head = Buffer.from(`Showrunner link ${id}\n${WORDS}`);
  const name = Buffer.from(target.map(showEntryName).join('/')).subarray(0, LINK_BYTES - head.length - 1);
  const filler = Buffer.alloc(LINK_BYTES - head.length - name.length - 1, ' ');
  return Buffer.concat([head, name, filler, Buffer.from('\n')]);
}

/** The id that a file names; null for anything that is no link. Whether there is such a link only the database knows. */
export async function readLinkId(directory: SafeDirectory, path: EntryPath): Promise<string | null> {
  try {
    const { handle, size } = await directory.openFile(path);
    try {
      if (size !== LINK_BYTES) return null;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LINK_BYTES), 0, LINK_BYTES, 0);
      return FIRST_LINE.exec(buffer.subarray(0, bytesRead).toString('latin1'))?.[1] ?? null;
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Gone, not to be opened, or no file: whoever wants it will hear.
    if (error instanceof DomainError) return null;
    throw error;
  }
}
