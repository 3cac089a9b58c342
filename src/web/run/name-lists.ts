import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { parseEntryPath } from '../../common/files/entry-name';
import { SafeDirectory } from '../../common/files/safe-directory';
import { namesIn } from '../../common/pipelines/name-files';
import { decodeText } from '../show/text-decoding';

/** Of one list; more is data and no list of names. */
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_LISTS = 50;

interface Known {
  mark: string;
  names: ReadonlySet<string>;
}

/** Lists of names in the folders of pipelines, one name a line, kept while their files stay as they are. */
@Injectable()
export class NameLists {
  private readonly known = new Map<string, Known>();

  /**
   * @param folder of the pipeline. @param file relative to it, as `./names.txt`.
   * @returns null for what is no text, is too large or cannot be read.
   */
  async read(folder: string, file: string): Promise<ReadonlySet<string> | null> {
    const key = `${folder}\0${file}`;
    try {
      const { handle, size, mtimeMs } = await SafeDirectory.open(folder).openFile(parseEntryPath(file.replace(/^\.\//, '')));
      try {
        const mark = `${size} ${mtimeMs}`;
        const before = this.known.get(key);
        if (before?.mark === mark) return before.names;
        const content = size > MOST_BYTES ? null : decodeText(await handle.readFile(), true);
        if (content === null) return null;
        return this.keep(key, { mark, names: namesIn(content.text) });
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }

  private keep(key: string, known: Known): ReadonlySet<string> {
    if (this.known.size >= MOST_LISTS) this.known.clear();
    this.known.set(key, known);
    return known.names;
  }
}
