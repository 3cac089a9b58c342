import { join } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../errors';
import { parseEntryPath, type EntryPath } from '../files/entry-name';
import { PutInPlace, type Placed } from '../files/put-in-place';
import type { SafeDirectory } from '../files/safe-directory';
import { FileTaskKinds, type FileTaskKind, type TaskMeans, type TaskOutcome } from '../file-tasks/file-task-kind';
import type { FileTask } from '../file-tasks/file-task.entity';
import type { KeptSentence } from '../kept-sentences';
import { Inboxes } from '../inbox/inboxes';
import type { Project } from '../projects/project.entity';
import { ProjectsRepository } from '../projects/projects.repository';
import type { ImportBrief } from './import-brief';
import { Originals } from './originals';

const MOST_ENTRIES = 10_000;

/** What became of the entries of an import. */
interface Tally {
  arrived: number;
  /** Left out since their names are taken, by wish or because a run needs what has the name. */
  skipped: number;
  /** Of originals that were meant to go. */
  kept: number;
}

/** Copies and moves from the inbox into a project, as work on files outside of requests. */
@Injectable()
export class ImportKind implements FileTaskKind, OnModuleInit {
  readonly kind = 'import';
  /** The same as for copies within a project: one open folder, and names in it. */
  readonly program = join(__dirname, '..', 'copies', 'copy-program');

  constructor(
    private readonly kinds: FileTaskKinds,
    private readonly inboxes: Inboxes,
    private readonly places: PutInPlace,
    private readonly projects: ProjectsRepository,
    private readonly originals: Originals,
  ) {}

  onModuleInit(): void {
    this.kinds.register(this);
  }

  async open({ brief, ownerId }: FileTask): Promise<TaskMeans> {
    const { source, folder, names } = brief as ImportBrief;
    const path = parseEntryPath(folder);
    // Every name is asked about: of the inbox itself not everything is shown.
    for (const name of names) await this.inboxes.directory(source, ownerId, [...path, ...parseEntryPath(name)]);
    const handle = await (await this.inboxes.directory(source, ownerId, path)).openFolder(path);
    return { handles: [handle], brief };
  }

  async place({ brief, projectId }: FileTask, staging: SafeDirectory, result: unknown): Promise<TaskOutcome> {
    const project = await this.projects.findById(projectId);
    if (!project) throw new NotFoundError('errors.noSuchProject');
    const order = brief as ImportBrief;
    const { entries } = await staging.list([], { limit: MOST_ENTRIES });
    const tally: Tally = { arrived: 0, skipped: 0, kept: 0 };
    for (const { name } of entries) await this.placeOne(project, order, staging, name, tally);
    const leftOut = (result as { leftOut?: number } | undefined)?.leftOut ?? 0;
    return { note: noteOf(order, tally, leftOut), resultPath: order.to };
  }

  private async placeOne(project: Project, order: ImportBrief, staging: SafeDirectory, name: Buffer, tally: Tally): Promise<void> {
    const placed = await this.put(project, order, { directory: staging, path: [name] });
    if (!placed) {
      tally.skipped += 1;
      return;
    }
    tally.arrived += 1;
    if (order.moves) tally.kept += await this.originals.remove(project, order, name, placed.path);
  }

  /** @returns null when it was left out. */
  private async put(project: Project, order: ImportBrief, from: { directory: SafeDirectory; path: EntryPath }): Promise<Placed | null> {
    const to = [...parseEntryPath(order.to), ...from.path];
    try {
      const placed = await this.places.put(project, { from, to, onConflict: order.onConflict, by: { displayName: order.by } });
      return placed.outcome === 'skipped' ? null : placed;
    } catch (error) {
      // A run that was asked for meanwhile needs what would be replaced, or a folder would replace a file.
      if (error instanceof ConflictError && order.onConflict === 'replace') return null;
      throw error;
    }
  }
}

function noteOf({ moves }: ImportBrief, { arrived, skipped, kept }: Tally, leftOut: number): KeptSentence[] {
  const sentences: KeptSentence[] = [{ key: moves ? 'inbox.moved' : 'inbox.copied', values: { count: arrived } }];
  if (skipped > 0) sentences.push({ key: 'inbox.skipped', values: { count: skipped } });
  if (leftOut > 0) sentences.push({ key: 'inbox.leftOut', values: { count: leftOut } });
  if (kept > 0) sentences.push({ key: 'inbox.originalsKept', values: { count: kept } });
  return sentences;
}
