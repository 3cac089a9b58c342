import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One disk, or what the system takes for one, and which of the places lie on it. */
export interface FileSystem<Name extends string = string> {
  places: Name[];
  /** That this user may still write. */
  freeBytes: number;
  totalBytes: number;
}

/**
 * The file systems of some folders, each once. A folder that is not there counts by the nearest one above it.
 * @param folders by name; undefined for those that are not configured.
 */
export async function fileSystemsOf<Name extends string>(folders: Readonly<Record<Name, string | undefined>>): Promise<FileSystem<Name>[]> {
  const found = new Map<number, FileSystem<Name>>();
  for (const [name, folder] of Object.entries(folders) as [Name, string | undefined][]) {
    if (folder === undefined) continue;
    const place = await existing(folder);
    const { dev } = await stat(place);
    const known = found.get(dev);
    if (known) known.places.push(name);
    else {
      const { bavail, blocks, bsize } = await statfs(place);
      found.set(dev, { places: [name], freeBytes: bavail * bsize, totalBytes: blocks * bsize });
    }
  }
  return [...found.values()];
}

async function existing(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : existing(dirname(folder));
}
