import { readFileSync, realpathSync, type Stats } from 'node:fs';
import { access, constants, type FileHandle } from 'node:fs/promises';
import { itself, lstatAt, openRoot } from '../../common/files/directory-walk';
import { openFolder, partsOf } from '../../common/files/tree-walk';
import { ignoreGone, surveyFolder, type FolderSurvey } from './folder-survey';

/** A folder of a project where the older system keeps it: `<root>/<owner>/<name>`. */
export interface OldFolder {
  owner: Buffer;
  name: Buffer;
  device: number;
  inode: number;
  createdMs: number;
  changedMs: number;
  survey: FolderSurvey;
  /** Whether this user may take it away from where it is. */
  isMovable: boolean;
}

export interface OldFolders {
  /** As the system calls it, links resolved. */
  root: string;
  projects: OldFolder[];
  /** Names of owners, with or without projects. */
  owners: Buffer[];
  /** What lies where owners or projects should be and is no folder, by path. */
  strays: Buffer[][];
  /** Folders that this user may not look into, by path. */
  closed: Buffer[][];
}

/** @param root folder of all owners. @param passOver tells names in it that are none of an owner. */
export async function readOldFolders(root: string, passOver: (name: string) => boolean): Promise<OldFolders> {
  const found: OldFolders = { root: realpathSync(root), projects: [], owners: [], strays: [], closed: [] };
  const top = await openRoot(root);
  try {
    for (const [owner, stats] of await entriesOf(top)) {
      if (passOver(owner.toString())) continue;
      const folder = stats.isDirectory() ? await openIfMay(top, owner) : null;
      if (folder === 'closed') found.closed.push([owner]);
      else if (!folder) found.strays.push([owner]);
      else await readOwner(folder, owner, found).finally(() => folder.close());
    }
  } finally {
    await top.close();
  }
  return found;
}

async function readOwner(folder: FileHandle, owner: Buffer, found: OldFolders): Promise<void> {
  found.owners.push(owner);
  const mayLeave = await may(folder);
  for (const [name, stats] of await entriesOf(folder)) {
    const project = stats.isDirectory() ? await openIfMay(folder, name) : null;
    if (project === null || project === 'closed') {
      (project === null ? found.strays : found.closed).push([owner, name]);
      continue;
    }
    try {
      const survey = await surveyFolder(project);
      const { dev: device, ino: inode, birthtimeMs, mtimeMs } = stats;
      const changedMs = Math.round(Math.max(mtimeMs, survey.newestMs));
      const createdMs = Math.round(birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs);
      const isMovable = mayLeave && (await may(project));
      found.projects.push({ owner, name, device, inode, createdMs: Math.min(createdMs, changedMs), changedMs, survey, isMovable });
    } finally {
      await project.close();
    }
  }
}

async function openIfMay(parent: FileHandle, name: Buffer): Promise<FileHandle | null | 'closed'> {
  try {
    return await openFolder(parent, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return 'closed';
    throw error;
  }
}

/** In the order of their bytes, so that two looks say the same; without what goes meanwhile. */
async function entriesOf(folder: FileHandle): Promise<[Buffer, Stats][]> {
  const names: Buffer[] = [];
  for await (const items of partsOf(folder)) names.push(...items.map(({ name }) => name));
  names.sort((one, other) => Buffer.compare(one, other));
  const entries = await Promise.all(names.map(async (name) => [name, await lstatAt(folder, name).catch(ignoreGone)] as const));
  return entries.flatMap(([name, stats]): [Buffer, Stats][] => (stats ? [[name, stats]] : []));
}

/** A folder that gets another parent is written itself. */
async function may(folder: FileHandle): Promise<boolean> {
  try {
    await access(itself(folder), constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where file systems are mounted. */
export function mountPoints(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point) => point !== '');
}

/** Where the file system of a path is mounted: between two such places the system moves nothing, even on one disk. */
export function mountOf(path: string, points: readonly string[]): string {
  const real = realpathSync(path);
  const above = points.filter((point) => point === '/' || real === point || real.startsWith(`${point}/`));
  return above.reduce((longest, point) => (point.length > longest.length ? point : longest), '/');
}
