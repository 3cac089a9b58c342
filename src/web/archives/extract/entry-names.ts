import { InvalidInputError } from '../../../common/errors';
import { formatEntryPath, newEntryName, parseEntryPath, showEntryName, type EntryPath } from '../../../common/files/entry-name';

/** Folders below one another in an archive. */
const MOST_DEPTH = 32;
/** Files and folders that an archive may make. */
export const MOST_NAMES = 500_000;

/** What systems put into archives by themselves; nobody wants it back. */
const LITTER = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/i;
const LITTER_FOLDER = '__MACOSX';

/**
 * Names that programs look for in the folder where they work, and obey. Whoever uploads such a file knows it; in an archive of somebody
 * else it comes unseen. Other names with a dot are ordinary: the `.zarray` of an image, for one.
 */
const OBEYED =
  /^(\.env(\..*)?|\.envrc|\.ssh|\.netrc|\.pgpass|\.git|\.gitconfig|\.rprofile|\.renviron|\.bash.*|\.profile|\.zsh.*|\.zprofile|\.npmrc|\.condarc|\.pythonrc.*|\.curlrc|\.wgetrc)$/i;

/** Whether an entry is left out without a word to its owner but a count. */
export function isLitter(name: string): boolean {
  const parts = name.split('/').filter((part) => part !== '');
  return parts[0] === LITTER_FOLDER || LITTER.test(parts.at(-1) ?? '');
}

/** The names of one archive: each is checked by itself and against all others. */
export class EntryNames {
  /** By the path as a computer without upper and lower case sees it: the path as it is, of a folder with a slash at its end. */
  private readonly known = new Map<string, string>();

  /** @param above where in the project everything is meant to go. */
  constructor(private readonly above: EntryPath) {}

  get count(): number {
    return this.known.size;
  }

  /**
   * @param name as it stands in the archive, decoded; a folder may end with a slash.
   * @returns the names of the path, in the composed form of Unicode.
   * @throws InvalidInputError that says what is wrong with it.
   */
  add(name: string, isFolder: boolean): EntryPath {
    const path = this.read(isFolder ? name.replace(/\/$/, '') : name);
    for (let depth = 1; depth < path.length; depth += 1) this.claim(path.slice(0, depth), true, true);
    this.claim(path, isFolder, isFolder);
    return path;
  }

  private read(name: string): EntryPath {
    const parts = name.split('/');
    if (parts.length > MOST_DEPTH) throw new InvalidInputError('archives.tooDeep', { most: MOST_DEPTH });
    const path = parts.map(newEntryName);
    const obeyed = parts.find((part) => OBEYED.test(part));
    if (obeyed !== undefined) throw new InvalidInputError('archives.obeyed', { part: obeyed });
    // What no address can name could be neither opened nor downloaded.
    parseEntryPath(formatEntryPath([...this.above, ...path]));
    return path;
  }

  private claim(path: EntryPath, isFolder: boolean, mayRepeat: boolean): void {
    const spelled = path.map(String).join('/');
    const key = spelled.toLowerCase();
    const known = this.known.get(key);
    if (known === undefined) {
      if (this.known.size >= MOST_NAMES) throw new InvalidInputError('archives.tooMany', { most: MOST_NAMES });
      this.known.set(key, isFolder ? `${spelled}/` : spelled);
      return;
    }
    const other = known.replace(/\/$/, '');
    if (other !== spelled) throw new InvalidInputError('archives.sameButCase', { other: showEntryName(Buffer.from(other)) });
    if (known.endsWith('/') !== isFolder) throw new InvalidInputError('archives.fileAndFolder');
    if (!mayRepeat) throw new InvalidInputError('archives.duplicate');
  }
}
