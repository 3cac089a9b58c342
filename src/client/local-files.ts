import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ClientError, EXIT } from './failures';

/** A file of this machine that goes into a project. */
export interface LocalFile {
  path: string;
  /** Where it goes, below the folder of the project: names joined by "/". */
  target: string;
  size: number;
  modifiedMs: number;
}

export interface LocalTree {
  files: LocalFile[];
  /** Folders in which nothing lies, as targets. */
  emptyFolders: string[];
  /** What is neither a file nor a folder. */
  leftOut: string[];
}

/** @param paths of files and folders, as they were typed. @throws ClientError for what is not there. */
export function readTree(paths: readonly string[]): LocalTree {
  const tree: LocalTree = { files: [], emptyFolders: [], leftOut: [] };
  for (const path of paths) visit(resolve(path), basename(resolve(path)), tree);
  return tree;
}

function visit(path: string, target: string, tree: LocalTree): void {
  const stats = lookAt(path);
  if (stats.isFile()) tree.files.push({ path, target, size: stats.size, modifiedMs: Math.round(stats.mtimeMs) });
  else if (stats.isDirectory()) {
    const names = readdirSync(path).sort();
    if (names.length === 0) tree.emptyFolders.push(target);
    for (const name of names) visit(join(path, name), `${target}/${name}`, tree);
  } else tree.leftOut.push(path);
}

function lookAt(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw new ClientError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`, EXIT.files);
  }
}
