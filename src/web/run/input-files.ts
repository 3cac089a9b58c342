import { Injectable } from '@nestjs/common';
import { DomainError, NotFoundError } from '../../common/errors';
import { showEntryName, type EntryPath } from '../../common/files/entry-name';
import { FileReferences, formatFileReference, parseFileReference, type FileSource } from '../../common/files/file-references';
import { InboxFiles } from '../../common/files/inbox-files';
import { ProjectFiles } from '../../common/files/project-files';
import type { FoundFile, SafeDirectory } from '../../common/files/safe-directory';
import type { FileLookup } from '../../common/pipelines/file-fields';
import type { FileReference } from '../../common/pipelines/manifest';
import type { Project } from '../../common/projects/project.entity';
import { text } from '../../locales/text';

/** A file that a form offers. */
export interface FileChoice {
  reference: FileReference;
  /** The last part of its path, for people; endings are compared with it. */
  name: string;
  /** Its path for people. */
  label: string;
  size: number;
  group: 'project' | 'results' | 'inbox';
}

export interface FileChoices {
  choices: FileChoice[];
  /** False when there are more files than are offered. */
  complete: boolean;
}

type ProjectKey = Pick<Project, 'id' | 'ownerId'>;

const MOST_FILES = 5000;
const RESULTS = Buffer.from('runs');

/** The files that a run may take as inputs: those of its project, the results of earlier runs in it, and the inbox. */
@Injectable()
export class InputFiles {
  constructor(
    private readonly projectFiles: ProjectFiles,
    private readonly inbox: InboxFiles,
    private readonly references: FileReferences,
  ) {}

  /** Uploaded files first, then results, then the inbox, each by path. */
  async of(project: ProjectKey): Promise<FileChoices> {
    const directory = this.projectFiles.of(project);
    const inbox = this.inbox.directory();
    const groups = await Promise.all([
      find(directory, [], 'project'),
      find(directory, [RESULTS], 'results'),
      inbox ? find(inbox, [], 'inbox') : { choices: [], complete: true },
    ]);
    return { choices: groups.flatMap(({ choices }) => choices), complete: groups.every(({ complete }) => complete) };
  }

  /** Looks references up in this project and the inbox; only regular files whose names a program can be given are found. */
  lookUp(project: ProjectKey): FileLookup {
    return async (reference) => {
      try {
        const { source, path } = parseFileReference(reference);
        await this.references.resolve(project, reference);
        const entry = await this.directoryOf(project, source).stat(path);
        const name = showEntryName(path.at(-1) ?? Buffer.alloc(0));
        return entry.kind === 'file' ? { name } : { fault: text('run.notAFile', { name }) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        return { fault: error instanceof NotFoundError ? text('pipelines.fileGone', { name: shortName(reference) }) : error.message };
      }
    };
  }

  private directoryOf(project: ProjectKey, source: FileSource): SafeDirectory {
    const inbox = source === 'inbox' ? this.inbox.directory() : null;
    return inbox ?? this.projectFiles.of(project);
  }
}

async function find(directory: SafeDirectory, below: EntryPath, group: FileChoice['group']): Promise<FileChoices> {
  try {
    const { files, complete } = await directory.findFiles(below, { most: MOST_FILES, skip: group === 'project' ? [RESULTS] : [] });
    const choices = files.map((file) => toChoice(file, below, group));
    return { choices: choices.sort((one, other) => one.label.localeCompare(other.label, 'en', { numeric: true })), complete };
  } catch (error) {
    if (error instanceof NotFoundError) return { choices: [], complete: true };
    throw error;
  }
}

function toChoice(file: FoundFile, below: EntryPath, group: FileChoice['group']): FileChoice {
  const path = [...below, ...file.path];
  return {
    reference: formatFileReference(group === 'inbox' ? 'inbox' : 'project', path),
    name: showEntryName(path.at(-1) ?? Buffer.alloc(0)),
    label: file.path.map(showEntryName).join('/'),
    size: file.size,
    group,
  };
}

function shortName(reference: string): string {
  return reference.slice(reference.indexOf(':') + 1).slice(-80);
}
