import { Injectable } from '@nestjs/common';
import { resultGlobOf } from '../../common/chains/after-run';
import { ResultFiles, type Result } from '../../common/chains/result-files';
import { DomainError, NotFoundError } from '../../common/errors';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { FileReferences, formatFileReference } from '../../common/files/file-references';
import { isHiddenInInbox, PEOPLE, type InboxSource } from '../../common/files/inbox-files';
import { ProjectFiles } from '../../common/files/project-files';
import type { FoundFile, SafeDirectory } from '../../common/files/safe-directory';
import { InboxLinks } from '../../common/inbox/inbox-links';
import { Inboxes } from '../../common/inbox/inboxes';
import type { FileLookup } from '../../common/pipelines/file-fields';
import type { FileReference } from '../../common/pipelines/manifest';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { runNumberIn } from '../http/ids';
import type { FollowedRun } from './followed-runs';
import { lookUpResults } from './look-up-results';

/** A file that a form offers. */
export interface FileChoice {
  reference: FileReference;
  /** The last part of its path, for people; endings are compared with it. */
  name: string;
  /** Its path for people. */
  label: string;
  size: number;
  /** `after`: a pattern for results that there are not yet. */
  group: 'project' | 'results' | 'own' | 'inbox' | 'after';
  /** Which run a result is of; absent elsewhere, and where the folder is of no run. */
  run?: { number: number; title: string; finishedMs: number | null };
  /** Whether it stands for a file of the inbox, and how that is now; its size is the one of that file. */
  link?: 'same' | 'changed' | 'gone';
}

export interface FileChoices {
  choices: FileChoice[];
  /** False when there are more files than are offered. */
  complete: boolean;
}

type Reader = Pick<User, 'id'>;
type ProjectKey = Pick<Project, 'id' | 'ownerId' | 'homeId'>;

type Group = Exclude<FileChoice['group'], 'after'>;

/** Of each place. */
const MOST_FILES = 5000;
/** The same where one of them is searched for. */
export const MOST_SEARCHED = 20_000;
const RESULTS = Buffer.from('runs');
/** Folders that are other groups, or nobody's business. */
const SKIPPED: Record<Group, Buffer[]> = { project: [RESULTS], results: [], own: [], inbox: [PEOPLE] };

/** The files that a run may take as inputs: those of its project, the results of earlier runs in it, and the inbox. */
@Injectable()
export class InputFiles {
  constructor(
    private readonly projectFiles: ProjectFiles,
    private readonly inboxes: Inboxes,
    private readonly references: FileReferences,
    private readonly links: InboxLinks,
    private readonly runs: RunsRepository,
    private readonly results: ResultFiles,
  ) {}

  /**
   * Uploaded files first, then results, then the owner's folder in the inbox, for nobody else, and the shared one, each by path.
   * @param most of each.
   */
  async of(person: Reader, project: ProjectKey, most = MOST_FILES): Promise<FileChoices> {
    const directory = this.projectFiles.of(project);
    const groups = await Promise.all([
      this.ofProject(project, directory, most),
      this.ofRuns(project, directory, most),
      isOwners(person, project) ? this.ofInbox(project, 'own', most) : { choices: [], complete: true },
      this.ofInbox(project, 'inbox', most),
    ]);
    return { choices: groups.flatMap(({ choices }) => choices), complete: groups.every(({ complete }) => complete) };
  }

  /** As `of`, but looked through further where a file is searched for, or one is chosen that is not among the first. */
  async withChosen(person: Reader, project: ProjectKey, chosen: readonly string[], isSearched: boolean): Promise<FileChoices> {
    if (isSearched) return this.of(person, project, MOST_SEARCHED);
    const files = await this.of(person, project);
    const known = new Set(files.choices.map(({ reference }) => reference));
    return files.complete || chosen.every((reference) => known.has(reference)) ? files : this.of(person, project, MOST_SEARCHED);
  }

  /**
   * Looks references up in this project and the inbox; only regular files whose names a program can be given are found.
   * @param after whose results may be named by a pattern.
   */
  lookUp(person: Reader, project: ProjectKey, after: FollowedRun | null = null): FileLookup {
    let results: Promise<Result[]> | undefined;
    // However many patterns there are, they are looked through once.
    const resultsOf = (number: number) => (results ??= this.results.of(project, number));
    return async (reference) => {
      const glob = resultGlobOf(reference);
      if (glob !== null) return lookUpResults(glob, after, resultsOf);
      // The owner's folder in the inbox is no part of the project.
      if (reference.startsWith('own:') && !isOwners(person, project))
        return { fault: text('pipelines.fileGone', { name: shortName(reference) }) };
      try {
        const { directory, path, link } = await this.references.place(project, reference);
        const program = await this.references.resolve(project, reference);
        const entry = await directory.stat(path);
        const name = showEntryName((link ?? path).at(-1) ?? Buffer.alloc(0));
        return entry.kind === 'file' ? { name, path: program } : { fault: text('run.notAFile', { name }) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        return { fault: error instanceof NotFoundError ? text('pipelines.fileGone', { name: shortName(reference) }) : error.message };
      }
    };
  }

  private async ofProject(project: ProjectKey, directory: SafeDirectory, most: number): Promise<FileChoices> {
    const { choices, complete } = await find(directory, [], 'project', most);
    const links = await this.links.among(project, directory, choices);
    const linked = choices.map((choice) => {
      const link = links.get(formatEntryPath(choice.path));
      return link ? { ...choice, size: link.size, link: link.state } : choice;
    });
    return { choices: linked, complete };
  }

  private async ofRuns({ id }: ProjectKey, directory: SafeDirectory, most: number): Promise<FileChoices> {
    const { choices, complete } = await find(directory, [RESULTS], 'results', most);
    const numbers = new Set(choices.map(runNumberOf).filter((number) => number !== null));
    const runs = new Map<number, FileChoice['run']>();
    for (const run of await this.runs.findByIds([...numbers]))
      if (run.projectId === id) runs.set(run.id, { number: run.id, title: titleInReadersWords(run), finishedMs: run.finishedMs });
    const named = choices.map((choice) => {
      const run = runs.get(runNumberOf(choice) ?? 0);
      return run ? { ...choice, run } : choice;
    });
    return { choices: named, complete };
  }

  private async ofInbox(project: ProjectKey, source: InboxSource, most: number): Promise<FileChoices> {
    try {
      const directory = await this.inboxes.directory(source, project.ownerId, []);
      const { choices, complete } = await find(directory, [], source, most);
      return { choices: choices.filter(({ path }) => !isHiddenInInbox(source, path)), complete };
    } catch (error) {
      if (error instanceof DomainError) return { choices: [], complete: true };
      throw error;
    }
  }
}

function isOwners({ id }: Reader, { ownerId }: ProjectKey): boolean {
  return id === ownerId;
}

interface Found {
  choices: (FileChoice & { path: EntryPath })[];
  complete: boolean;
}

async function find(directory: SafeDirectory, below: EntryPath, group: Group, most: number): Promise<Found> {
  try {
    const { files, complete } = await directory.findFiles(below, { most, skip: SKIPPED[group] });
    const choices = files.map((file) => toChoice(file, below, group));
    return { choices: choices.sort((one, other) => one.label.localeCompare(other.label, 'en', { numeric: true })), complete };
  } catch (error) {
    if (error instanceof NotFoundError) return { choices: [], complete: true };
    throw error;
  }
}

function toChoice(file: FoundFile, below: EntryPath, group: Group): Found['choices'][number] {
  const path = [...below, ...file.path];
  return {
    path,
    reference: formatFileReference(group === 'results' ? 'project' : group, path),
    name: showEntryName(path.at(-1) ?? Buffer.alloc(0)),
    label: file.path.map(showEntryName).join('/'),
    size: file.size,
    group,
  };
}

/** By the folder that the results of each run have. */
function runNumberOf({ label }: Pick<FileChoice, 'label'>): number | null {
  return runNumberIn(label.slice(0, Math.max(0, label.indexOf('/'))));
}

function shortName(reference: string): string {
  return reference.slice(reference.indexOf(':') + 1).slice(-80);
}
