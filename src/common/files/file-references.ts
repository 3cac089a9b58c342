import { Injectable } from '@nestjs/common';
import { InvalidInputError, NotFoundError } from '../errors';
import { InboxLinks } from '../inbox/inbox-links';
import { Inboxes } from '../inbox/inboxes';
import type { FileReference } from '../pipelines/manifest';
import type { Project } from '../projects/project.entity';
import { formatEntryPath, parseEntryPath, showEntryName, type EntryPath } from './entry-name';
import type { InboxSource } from './inbox-files';
import { ProjectFiles } from './project-files';
import type { SafeDirectory } from './safe-directory';

export const FILE_SOURCES = ['project', 'inbox', 'own'] as const;
export type FileSource = 'project' | InboxSource;

/** Where a reference leads. */
export interface FilePlace {
  source: FileSource;
  directory: SafeDirectory;
  path: EntryPath;
  /** Where in the project lies the link by which it leads there; null for what is no link. */
  link: EntryPath | null;
}

type ProjectKey = Pick<Project, 'id' | 'ownerId' | 'homeId'>;

/**
 * The places that a run may take its inputs from, addressed as `project:<path>`, `inbox:<path>`, or `own:<path>` for the part of the inbox
 * that belongs to the owner of the project. A link in a project leads on to the file in the inbox.
 */
@Injectable()
export class FileReferences {
  constructor(
    private readonly projectFiles: ProjectFiles,
    private readonly inboxes: Inboxes,
    private readonly links: InboxLinks,
  ) {}

  /**
   * The absolute path that a program gets for a reference.
   * @throws InvalidInputError when the reference is malformed, or leads to no regular file or folder.
   */
  async resolve(project: ProjectKey, reference: FileReference): Promise<string> {
    const { directory, path, link } = await this.place(project, reference);
    try {
      return await directory.pathForProgram(path);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      const name = path.map(showEntryName).join('/');
      if (link) throw new InvalidInputError('inbox.linkedFileGone', { name: showEntryName(link.at(-1)!), target: name });
      throw new InvalidInputError('files.inputMissing', { name });
    }
  }

  /** @throws InvalidInputError when the reference is malformed. */
  async place(project: ProjectKey, reference: FileReference): Promise<FilePlace> {
    const { source, path } = parseFileReference(reference);
    if (source !== 'project') return this.inboxPlace(project, source, path, null);
    const directory = this.projectFiles.of(project);
    const link = await this.links.at(project, directory, path);
    return link ? this.inboxPlace(project, link.source, parseEntryPath(link.target), path) : { source, directory, path, link: null };
  }

  private async inboxPlace(project: ProjectKey, source: InboxSource, path: EntryPath, link: EntryPath | null): Promise<FilePlace> {
    return { source, directory: await this.inboxes.directory(source, project.ownerId, path), path, link };
  }
}

/** @throws InvalidInputError when the text is not a reference to something below a root. */
export function parseFileReference(reference: FileReference): { source: FileSource; path: EntryPath } {
  const match = /^(project|inbox|own):([^]+)$/.exec(reference);
  if (!match) throw new InvalidInputError('files.badReference');
  return { source: match[1] as FileSource, path: parseEntryPath(match[2] ?? '') };
}

export function formatFileReference(source: FileSource, path: EntryPath): FileReference {
  return `${source}:${formatEntryPath(path)}`;
}
