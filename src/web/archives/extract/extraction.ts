import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../../../common/errors';
import { FileTasks } from '../../../common/file-tasks/file-tasks';
import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../../../common/files/entry-name';
import { ProjectFiles } from '../../../common/files/project-files';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { isZip } from '../../show/file-type';
import type { ExtractBrief, ExtractInto } from './extract-brief';

const ENDING = /\.zip$/i;

/** Starts the unpacking of an archive that lies in a project. */
@Injectable()
export class Extraction {
  constructor(
    private readonly files: ProjectFiles,
    private readonly tasks: FileTasks,
  ) {}

  /**
   * @param path of the archive in the project.
   * @returns its name, for people, and the id of the task.
   * @throws InvalidInputError when it is no file of that kind, or lies among results; NotFoundError when it is gone.
   */
  async start(project: Project, by: User, path: EntryPath, into: ExtractInto): Promise<{ name: string; task: string }> {
    const name = path.at(-1) ?? Buffer.alloc(0);
    const shown = showEntryName(name);
    if (!isZip(shown)) throw new InvalidInputError('archives.notByName');
    if (this.files.isInResults(path)) throw new InvalidInputError('archives.intoResults');
    const { handle } = await this.files.of(project).openFile(path);
    await handle.close();
    const brief: ExtractBrief = {
      archive: formatEntryPath(path),
      target: formatEntryPath(path.slice(0, -1)),
      into,
      name: formatEntryName(folderName(name)),
    };
    return { name: shown, task: await this.tasks.start({ kind: 'extract', project, by, title: shown, brief }) };
  }
}

/** `Plate 7.zip` → `Plate 7`; an archive named only `.zip` becomes `zip`. */
function folderName(name: Buffer): Buffer {
  // Byte by byte: the name need not be text.
  const stem = name
    .toString('latin1')
    .replace(ENDING, '')
    .replace(/[ .]+$/, '');
  return Buffer.from(stem === '' ? 'zip' : stem, 'latin1');
}
