import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { NotFoundError } from '../errors';
import { formatEntryPath, parseEntryPath, showEntryName, type EntryPath } from '../files/entry-name';
import { FileUses } from '../files/file-uses';
import { underFreeName } from '../files/free-name';
import { ProjectFiles } from '../files/project-files';
import type { Entry, SafeDirectory } from '../files/safe-directory';
import type { Amount } from '../files/tree-walk';
import type { Project } from '../projects/project.entity';
import { QueueStore } from '../queue/queue-store';
import { Space } from '../space/space';
import type { User } from '../users/user.entity';
import type { Deletion } from './deletion.entity';
import { TrashRepository, type TrashOrder } from './trash.repository';

/** Who did it, for the page that tells. */
export type Doer = Pick<User, 'displayName'>;

/** What is back, and where. */
export interface Restored {
  folder: EntryPath;
  /** For people. */
  names: string[];
}

const MOST_AT_ONCE = 100_000;
const MOST_NAMES = 20;
const MOST_COUNTED = 20_000;
/** How long somebody waits for a deletion for good; what is larger goes on behind the page. */
const PATIENCE_MS = 1500;

/**
 * Deletes files of a project so that it can be undone: they are moved into the staging folder of the project's home, one folder for each deletion, until
 * they are restored, deleted for good, or taken by the cleaner. What a run that is not over needs stays.
 *
 * The row comes before the entries and goes after them: what an interruption leaves is always found by its row.
 */
@Injectable()
export class Trash {
  private readonly logger = new Logger(Trash.name);

  constructor(
    private readonly files: ProjectFiles,
    private readonly uses: FileUses,
    private readonly rows: TrashRepository,
    private readonly store: QueueStore,
    private readonly space: Space,
  ) {}

  /**
   * @param folder in the project. @param names of what lies directly in it.
   * @throws ConflictError when a run needs one of them, before anything is deleted; NotFoundError when none of them is there any more.
   */
  async delete(project: Project, folder: EntryPath, names: readonly Buffer[], by: Doer): Promise<Deletion> {
    await this.uses.requireUnused(
      project,
      names.map((name) => [...folder, name]),
    );
    const deletion = await this.newRow(project, folder, names, by);
    const bin = this.binOf(deletion);
    await bin.ensureFolder([]);
    const gone = await this.moveAll(project, folder, names, bin).catch(async (error: unknown) => {
      await this.forgetIfEmpty(deletion, bin);
      throw error;
    });
    const { files, bytes, complete } = await bin.measure([], MOST_COUNTED);
    const shown = gone.map(showEntryName);
    const change = { names: shown.slice(0, MOST_NAMES), entries: shown.length, files, bytes, complete };
    await this.rows.update(deletion.id, change);
    return Object.assign(deletion, change);
  }

  /**
   * Brings back what one deletion took away, to where it was; a name that was taken meanwhile gets a number.
   * @throws NotFoundError when it is gone for good.
   */
  async restore(project: Project, id: string): Promise<Restored> {
    const deletion = await this.require(project, id);
    const bin = this.binOf(deletion);
    const directory = this.files.of(project);
    const names: string[] = [];
    let entries = await this.entriesOf(bin);
    const folder = await this.folderFor(directory, parseEntryPath(deletion.folder));
    // A deletion that still goes on adds to it meanwhile: only an empty one is removed.
    for (; ; entries = await this.entriesOf(bin)) {
      for (const { name } of entries) {
        const free = await underFreeName(name, (free) => bin.move([name], [...folder, free], directory));
        names.push(showEntryName(free));
      }
      if (await bin.removeEmpty([])) break;
    }
    await this.rows.forget(id);
    return { folder, names };
  }

  /** Latest first, unless the largest ones are wanted. */
  async list(
    project: Pick<Project, 'id'>,
    range: { from: number; most: number; by?: TrashOrder },
  ): Promise<{ deletions: Deletion[]; total: number }> {
    return this.rows.pageOf(project.id, range);
  }

  /**
   * Deletes for good what was deleted, all of it or one deletion; what takes long goes on after this has returned.
   * @returns how many deletions went.
   * @throws NotFoundError when there is none of that id in the project.
   */
  async empty(project: Pick<Project, 'id'>, id?: string): Promise<number> {
    const deletions = id === undefined ? await this.rows.all(project.id) : [await this.require(project, id)];
    const work = this.removeAll(deletions);
    await Promise.race([work, sleep(PATIENCE_MS, undefined, { ref: false })]);
    return deletions.length;
  }

  /** @returns what the disk got back. */
  async remove(deletion: Deletion): Promise<Amount> {
    const gone = await this.setAside(deletion);
    const freed = await gone.remove([]);
    await this.rows.forget(deletion.id);
    await this.space.add(deletion.homeId, { bytes: -freed.bytes, files: -freed.files });
    return freed;
  }

  /** Where the entries of a deletion lie. */
  binOf({ id, projectId, homeId }: Deletion): SafeDirectory {
    return this.files.trash({ id: projectId, homeId }, id);
  }

  private async entriesOf(bin: SafeDirectory): Promise<Entry[]> {
    try {
      return (await bin.list([], { limit: MOST_AT_ONCE })).entries;
    } catch (error) {
      throw error instanceof NotFoundError ? new NotFoundError('projects.undoTooLate') : error;
    }
  }

  /** Out of reach of whoever would bring back what is half deleted; what an interruption left there is found again. */
  private async setAside(deletion: Deletion): Promise<SafeDirectory> {
    const staging = this.files.stagingOf(deletion.homeId);
    const gone = [this.files.goneName(deletion.projectId, deletion.id)];
    try {
      await this.binOf(deletion).move([], gone, staging);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    return staging.inside(gone);
  }

  private async newRow(project: Project, folder: EntryPath, names: readonly Buffer[], by: Doer): Promise<Deletion> {
    const deletion: Deletion = {
      id: randomUUID(),
      projectId: project.id,
      homeId: project.homeId,
      folder: formatEntryPath(folder),
      names: names.slice(0, MOST_NAMES).map(showEntryName),
      entries: names.length,
      files: 0,
      bytes: 0,
      complete: false,
      byName: by.displayName,
      deletedMs: await this.store.nowMs(),
    };
    await this.rows.add(deletion);
    return deletion;
  }

  private async moveAll(project: Project, folder: EntryPath, names: readonly Buffer[], bin: SafeDirectory): Promise<Buffer[]> {
    const directory = this.files.of(project);
    const gone: Buffer[] = [];
    for (const [index, name] of names.entries()) {
      try {
        await directory.move([...folder, name], [name], bin);
        gone.push(name);
      } catch (error) {
        // Gone already: as it was wanted, unless nothing else is left to say.
        if (!(error instanceof NotFoundError) || (gone.length === 0 && index === names.length - 1)) throw error;
      }
    }
    return gone;
  }

  /** Something may have been moved before the error; then it stays in the trash, where it is found. */
  private async forgetIfEmpty(deletion: Deletion, bin: SafeDirectory): Promise<void> {
    const { total } = await bin.list([], { limit: 1 });
    if (total === 0) await this.remove(deletion);
  }

  /** The folder, made anew if it is gone; the project itself where something else has its name now. */
  private async folderFor(directory: SafeDirectory, folder: EntryPath): Promise<EntryPath> {
    try {
      await directory.ensureBelow(folder);
      return folder;
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      return [];
    }
  }

  private async require(project: Pick<Project, 'id'>, id: string): Promise<Deletion> {
    const deletion = await this.rows.find(project.id, id);
    if (!deletion) throw new NotFoundError('projects.undoTooLate');
    return deletion;
  }

  private async removeAll(deletions: readonly Deletion[]): Promise<void> {
    for (const deletion of deletions) {
      try {
        await this.remove(deletion);
      } catch (error) {
        this.logger.warn(`Deleted files remain, the cleaner will try again: ${(error as Error).message}`);
      }
    }
  }
}
