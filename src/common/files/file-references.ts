import { Injectable } from '@nestjs/common';
import { InvalidInputError, NotFoundError } from '../errors';
import type { FileReference } from '../pipelines/manifest';
import type { Project } from '../projects/project.entity';
import { formatEntryPath, parseEntryPath, showEntryName, type EntryPath } from './entry-name';
import { InboxFiles } from './inbox-files';
import { ProjectFiles } from './project-files';
import type { SafeDirectory } from './safe-directory';

export type FileSource = 'project' | 'inbox';

/** Where a reference leads. */
export interface FilePlace {
  source: FileSource;
  directory: SafeDirectory;
  path: EntryPath;
}

/** The places that a run may take its inputs from, addressed as `project:<path>` or `inbox:<path>`. */
@Injectable()
export class FileReferences {
  constructor(
    private readonly projectFiles: ProjectFiles,
    private readonly inboxFiles: InboxFiles,
  ) {}

  /**
   * The absolute path that a program gets for a reference.
   * @throws InvalidInputError when the reference is malformed, or leads to no regular file or folder.
   */
  async resolve(project: Pick<Project, 'id' | 'ownerId'>, reference: FileReference): Promise<string> {
    const { directory, path } = this.place(project, reference);
    try {
      return await directory.pathForProgram(path);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      throw new InvalidInputError('files.inputMissing', { name: path.map(showEntryName).join('/') });
    }
  }

  /** @throws InvalidInputError when the reference is malformed. */
  place(project: Pick<Project, 'id' | 'ownerId'>, reference: FileReference): FilePlace {
    const { source, path } = parseFileReference(reference);
    return { source, directory: this.directoryOf(project, source), path };
  }

  private directoryOf(project: Pick<Project, 'id' | 'ownerId'>, source: FileSource): SafeDirectory {
    if (source === 'project') return this.projectFiles.of(project);
    const inbox = this.inboxFiles.directory();
    if (!inbox) throw new InvalidInputError('files.noInbox');
    return inbox;
  }
}

/** @throws InvalidInputError when the text is not a reference to something below a root. */
export function parseFileReference(reference: FileReference): { source: FileSource; path: EntryPath } {
  const match = /^(project|inbox):([^]+)$/.exec(reference);
  if (!match) throw new InvalidInputError('files.badReference');
  return { source: match[1] as FileSource, path: parseEntryPath(match[2] ?? '') };
}

export function formatFileReference(source: FileSource, path: EntryPath): FileReference {
  return `${source}:${formatEntryPath(path)}`;
}
