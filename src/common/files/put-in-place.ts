import { Injectable, Logger } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../errors';
import type { Project } from '../projects/project.entity';
import { Trash, type Doer } from '../trash/trash';
import type { Deletion } from '../trash/deletion.entity';
import { showEntryName, type EntryPath } from './entry-name';
import { isTaken, underFreeName } from './free-name';
import { ProjectFiles } from './project-files';
import type { Entry, SafeDirectory } from './safe-directory';

/** What to do where the name is taken: give the new one a number, put the old one into the trash, or leave everything as it is. */
export const CONFLICT_CHOICES = ['keepBoth', 'replace', 'skip'] as const;
export type OnConflict = (typeof CONFLICT_CHOICES)[number];

export interface NewEntry {
  /** Where it lies now, whole: on the same volume as the project. */
  from: { directory: SafeDirectory; path: EntryPath };
  /** Where it is meant in the project. Folders on the way are made. */
  to: EntryPath;
  onConflict: OnConflict;
  by: Doer;
}

export interface Placed {
  outcome: 'stored' | 'renamed' | 'replaced' | 'skipped';
  /** Where it lies now; where it was meant, if it was skipped (then it still lies where it was). */
  path: EntryPath;
  /** What brings the replaced one back. */
  deletion: Deletion | null;
}

interface Done {
  from: NewEntry['from'];
  /** How it was before it had its place. */
  was: Entry;
  placed: Placed;
}

/** The one way by which something new gets its name in a project; nothing is ever overwritten. */
@Injectable()
export class PutInPlace {
  private readonly logger = new Logger(PutInPlace.name);

  constructor(
    private readonly files: ProjectFiles,
    private readonly trash: Trash,
  ) {}

  /**
   * @throws ConflictError when a run needs what would be replaced, or a folder and a file would replace one another; InvalidInputError
   * for a place among the results of runs; NotFoundError when the project is being deleted.
   */
  async put(project: Project, { from, to, onConflict, by }: NewEntry): Promise<Placed> {
    const wanted = to.at(-1);
    if (wanted === undefined) throw new InvalidInputError('files.badPath');
    if (this.files.isInResults(to) && to.length > 1) throw new InvalidInputError('projects.noUploadsToResults');
    const directory = this.files.of(project);
    const above = to.slice(0, -1);
    await this.makeWay(directory, above);
    if (onConflict !== 'keepBoth') {
      if (await this.moveIfFree(from, to, directory)) return { outcome: 'stored', path: to, deletion: null };
      if (onConflict === 'skip') return { outcome: 'skipped', path: to, deletion: null };
      return { outcome: 'replaced', path: to, deletion: await this.replace(project, from, to, by) };
    }
    const name = await underFreeName(wanted, async (free) => {
      if (!(await this.moveIfFree(from, [...above, free], directory))) throw taken(free);
    });
    return { outcome: name.equals(wanted) ? 'stored' : 'renamed', path: [...above, name], deletion: null };
  }

  /**
   * Puts several in their places, all or none: where one cannot be placed, the others go back to where they were and bring back what they
   * replaced, as far as nobody has touched them since.
   * @throws as `put`, of the first that cannot be placed.
   */
  async putAll(project: Project, entries: readonly NewEntry[]): Promise<Placed[]> {
    const done: Done[] = [];
    try {
      for (const entry of entries) {
        const was = await entry.from.directory.stat(entry.from.path);
        done.push({ from: entry.from, was, placed: await this.put(project, entry) });
      }
    } catch (error) {
      for (const one of done.reverse()) await this.takeBack(project, one);
      throw error;
    }
    return done.map(({ placed }) => placed);
  }

  /** Never throws: the others have to go back, too. */
  private async takeBack(project: Project, { from, was, placed }: Done): Promise<void> {
    if (placed.outcome === 'skipped') return;
    const directory = this.files.of(project);
    try {
      if (!isSame(was, await directory.stat(placed.path))) return;
      await directory.move(placed.path, from.path, from.directory);
      if (placed.deletion) await this.trash.restore(project, placed.deletion.id);
    } catch (error) {
      this.logger.warn(`project ${project.id}: something stays in its place: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async makeWay(directory: SafeDirectory, above: EntryPath): Promise<void> {
    try {
      await directory.ensureBelow(above);
    } catch (error) {
      if (error instanceof NotFoundError && !(await directory.exists([]))) throw new NotFoundError('errors.noSuchProject');
      throw error;
    }
  }

  private async moveIfFree(from: NewEntry['from'], to: EntryPath, directory: SafeDirectory): Promise<boolean> {
    // The name of the folder that will hold the results is taken even before there are any.
    if (this.files.isInResults(to)) return false;
    try {
      await from.directory.move(from.path, to, directory);
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  private async replace(project: Project, from: NewEntry['from'], to: EntryPath, by: Doer): Promise<Deletion | null> {
    const directory = this.files.of(project);
    const name = to.at(-1)!;
    await this.requireSameKind(from, to, directory);
    let deletion: Deletion | null = null;
    try {
      deletion = await this.trash.delete(project, to.slice(0, -1), [name], by);
    } catch (error) {
      // Somebody else took it away in between.
      if (!(error instanceof NotFoundError)) throw error;
    }
    try {
      if (await this.moveIfFree(from, to, directory)) return deletion;
      throw taken(name);
    } catch (error) {
      if (deletion) await this.trash.restore(project, deletion.id);
      throw error;
    }
  }

  private async requireSameKind(from: NewEntry['from'], to: EntryPath, directory: SafeDirectory): Promise<void> {
    if (this.files.isInResults(to)) throw taken(to.at(-1)!);
    const [fresh, old] = await Promise.all([from.directory.stat(from.path), directory.stat(to)]);
    if ((fresh.kind === 'folder') !== (old.kind === 'folder')) throw taken(to.at(-1)!);
  }
}

function taken(name: Buffer): ConflictError {
  return new ConflictError('files.exists', { name: showEntryName(name) });
}

/** A move changes neither; whoever writes to a file, or puts something else into a folder or in its place, changes one of them. */
function isSame(one: Entry, other: Entry): boolean {
  return one.kind === other.kind && one.size === other.size && one.mtimeMs === other.mtimeMs;
}
