import { join } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { NotFoundError } from '../../../common/errors';
import type { FileTask } from '../../../common/file-tasks/file-task.entity';
import { FileTaskKinds, type FileTaskKind, type TaskMeans, type TaskOutcome } from '../../../common/file-tasks/file-task-kind';
import { formatEntryPath, parseEntryName, parseEntryPath, showEntryName, type EntryPath } from '../../../common/files/entry-name';
import { ProjectFiles } from '../../../common/files/project-files';
import { PutInPlace, type NewEntry } from '../../../common/files/put-in-place';
import type { SafeDirectory } from '../../../common/files/safe-directory';
import type { KeptSentence } from '../../../common/kept-sentences';
import type { Project } from '../../../common/projects/project.entity';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import { QueueStore } from '../../../common/queue/queue-store';
import { briefOf, TREE, type ExtractBrief, type ExtractProgramBrief, type ExtractResult } from './extract-brief';

const MOST_TOP = 500_000;

/** Unpacking an archive: the program gets the open archive and nothing else; what it made is put in place here, and never over anything. */
@Injectable()
export class ExtractKind implements FileTaskKind, OnModuleInit {
  readonly kind = 'extract' as const;
  readonly program = join(__dirname, 'extract-program');

  constructor(
    private readonly kinds: FileTaskKinds,
    private readonly files: ProjectFiles,
    private readonly putInPlace: PutInPlace,
    private readonly projects: ProjectsRepository,
    private readonly queue: QueueStore,
  ) {}

  onModuleInit(): void {
    this.kinds.register(this);
  }

  async open(task: FileTask): Promise<TaskMeans> {
    const { archive, target, into, name } = briefOf(task);
    const { handle } = await this.files.of({ id: task.projectId, homeId: task.homeId }).openFile(parseEntryPath(archive));
    const brief: ExtractProgramBrief = {
      above: into === 'here' ? target : formatEntryPath([...parseEntryPath(target), parseEntryName(name)]),
    };
    return { handles: [handle], brief };
  }

  async place(task: FileTask, staging: SafeDirectory, result: unknown): Promise<TaskOutcome> {
    const project = await this.projects.findById(task.projectId);
    if (!project) throw new NotFoundError('errors.noSuchProject');
    const brief = briefOf(task);
    const isThere = await this.isLeft(staging, result === undefined);
    const made = isThere ? await this.move(project, staging, brief) : null;
    await this.projects.touch(project.id, await this.queue.nowMs());
    return { note: noteOf(result as ExtractResult | undefined, brief, made), resultPath: made && formatEntryPath(made) };
  }

  /** Whether something is to be moved: after an interruption an empty folder is what is left when all that was in it has its place. */
  private async isLeft(staging: SafeDirectory, isAgain: boolean): Promise<boolean> {
    if (!(await staging.exists([TREE]))) return false;
    return !isAgain || (await staging.list([TREE], { limit: 1 })).total > 0;
  }

  /** @returns the folder that holds everything now; null where it was mixed with what is there. */
  private async move(project: Project, staging: SafeDirectory, { target, into, name }: ExtractBrief): Promise<EntryPath | null> {
    const folder = parseEntryPath(target);
    const { entries } = await staging.list([TREE], { limit: MOST_TOP });
    if (into === 'here')
      return this.moveEach(
        project,
        staging,
        entries.map((entry) => entry.name),
        folder,
      );
    const [only] = entries;
    // Most archives of a folder hold that folder: it would only lie in another one of the same name.
    if (entries.length === 1 && only?.kind === 'folder') return this.put(project, staging, [TREE, only.name], [...folder, only.name]);
    return this.put(project, staging, [TREE], [...folder, parseEntryName(name)]);
  }

  /** What has its place already when something is in the way goes back, and is removed with the rest. */
  private async moveEach(project: Project, staging: SafeDirectory, names: readonly Buffer[], folder: EntryPath): Promise<EntryPath | null> {
    const placed = await this.putInPlace.putAll(
      project,
      names.map((name) => entryOf(staging, [TREE, name], [...folder, name])),
    );
    return placed.length === 1 ? placed[0].path : null;
  }

  private async put(project: Project, staging: SafeDirectory, path: EntryPath, to: EntryPath): Promise<EntryPath> {
    return (await this.putInPlace.put(project, entryOf(staging, path, to))).path;
  }
}

/** Nothing is replaced, so nobody has to be named who did it. */
function entryOf(directory: SafeDirectory, path: EntryPath, to: EntryPath): NewEntry {
  return { from: { directory, path }, to, onConflict: 'keepBoth', by: { displayName: '' } };
}

function noteOf(result: ExtractResult | undefined, { into }: ExtractBrief, made: EntryPath | null): KeptSentence[] {
  if (!result) return [{ key: 'archives.doneAgain' }];
  const { files: count, litter } = result;
  const sentences: KeptSentence[] = [];
  if (count === 0 && made === null) sentences.push({ key: 'archives.doneEmpty' });
  else if (made === null || into === 'here') sentences.push({ key: 'archives.doneFilesHere', values: { count } });
  else sentences.push({ key: 'archives.doneFiles', values: { count, place: made.map(showEntryName).join('/') } });
  if (litter > 0) sentences.push({ key: 'archives.litter', values: { count: litter } });
  return sentences;
}
