import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { showEntryName, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { columnsIn } from '../../common/pipelines/name-files';
import { compileGlob } from '../../common/pipelines/output-glob';
import type { Project } from '../../common/projects/project.entity';
import { decodeText } from '../show/text-decoding';

/** How much of a file may hold its first line. */
const HEAD_BYTES = 256 * 1024;
const MOST_FILES = 5000;

/** Names of the columns of delimited files: what stands in their first line. */
@Injectable()
export class ColumnNames {
  constructor(private readonly projectFiles: ProjectFiles) {}

  /**
   * @param glob of the file. @param run whose results it is among; null: among the project's own files.
   * @returns null when there is no such file, or it holds no text.
   */
  async of(project: Pick<Project, 'id' | 'ownerId' | 'homeId'>, glob: string, run: number | null): Promise<string[] | null> {
    const directory = this.projectFiles.of(project);
    const above = run === null ? [] : this.projectFiles.resultsPath(run);
    try {
      const path = await firstMatch(directory, above, glob, run === null ? this.projectFiles.resultsRoot() : []);
      return path && (await headOf(directory, path));
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

async function firstMatch(directory: SafeDirectory, above: EntryPath, glob: string, skip: EntryPath): Promise<EntryPath | null> {
  const isMeant = compileGlob(glob);
  const { files } = await directory.findFiles(above, { most: MOST_FILES, skip });
  const named = files.map(({ path }) => ({ path, name: path.map(showEntryName).join('/') })).filter(({ name }) => isMeant(name));
  const [first] = named.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  return first ? [...above, ...first.path] : null;
}

async function headOf(directory: SafeDirectory, path: EntryPath): Promise<string[] | null> {
  const { handle, size } = await directory.openFile(path);
  try {
    const buffer = Buffer.alloc(Math.min(size, HEAD_BYTES));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const decoded = decodeText(buffer.subarray(0, bytesRead), bytesRead === size);
    return decoded && columnsIn(decoded.text);
  } finally {
    await handle.close();
  }
}
