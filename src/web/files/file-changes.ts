import { Injectable } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../../common/errors';
import { formatEntryPath, newEntryName, parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { FileUses } from '../../common/files/file-uses';
import { isTaken } from '../../common/files/free-name';
import { ProjectFiles } from '../../common/files/project-files';
import { PutInPlace, type Placed } from '../../common/files/put-in-place';
import type { Project } from '../../common/projects/project.entity';
import type { Doer } from '../../common/trash/trash';

/** What is to be moved within a project, and where to. */
export interface MoveOrder {
  /** In which it lies. */
  folder: EntryPath;
  names: readonly Buffer[];
  to: EntryPath;
  onConflict: 'keepBoth' | 'skip';
}

/** New folders, new names and new places for the files of a project. Nothing is overwritten, and nothing that a run needs is touched. */
@Injectable()
export class FileChanges {
  constructor(
    private readonly files: ProjectFiles,
    private readonly uses: FileUses,
    private readonly places: PutInPlace,
  ) {}

  /** @returns the name as it is stored. @throws InvalidInputError for the field `newName`. */
  async makeFolder(project: Project, folder: EntryPath, newName: string): Promise<Buffer> {
    const name = asField(() => newEntryName(newName));
    const path = this.requireAddress([...folder, name]);
    this.requireOutsideResults(folder);
    if (this.files.isInResults(path)) throw new InvalidInputError('browse.runsReserved', { name: showEntryName(name) }, 'newName');
    await this.nameIsTaken(() => this.files.of(project).makeFolder(path));
    return name;
  }

  /** @returns the name as it is stored. @throws InvalidInputError for the field `newName`; ConflictError when a run needs it. */
  async rename(project: Project, folder: EntryPath, name: Buffer, newName: string): Promise<Buffer> {
    const wanted = asField(() => newEntryName(newName));
    const from = [...folder, name];
    const to = this.requireAddress([...folder, wanted]);
    this.requireOutsideResults(from);
    if (this.files.isInResults(to)) throw new InvalidInputError('browse.runsReserved', { name: showEntryName(wanted) }, 'newName');
    await this.uses.requireUnused(project, [from]);
    if (!wanted.equals(name)) await this.nameIsTaken(() => this.files.of(project).move(from, to));
    return wanted;
  }

  /** @throws ConflictError when a run needs one of them, or a folder would be put into itself: before anything is moved. */
  async move(project: Project, { folder, names, to, onConflict }: MoveOrder, by: Doer): Promise<Placed[]> {
    const paths = names.map((name) => [...folder, name]);
    await this.requireTarget(project, { folder, names, to }, 'move');
    for (const path of paths) this.requireOutsideResults(path);
    await this.uses.requireUnused(project, paths);
    const directory = this.files.of(project);
    const placed: Placed[] = [];
    for (const [index, path] of paths.entries()) {
      try {
        placed.push(await this.places.put(project, { from: { directory, path }, to: [...to, names[index]], onConflict, by }));
      } catch (error) {
        // Gone already, in another tab: the others still move, unless nothing else is left to say.
        if (!(error instanceof NotFoundError) || (placed.length === 0 && index === paths.length - 1)) throw error;
      }
    }
    return placed;
  }

  /**
   * Checks that a folder can take entries of another.
   * @throws NotFoundError when it is not there; InvalidInputError among the results of runs; ConflictError when it lies in one of them.
   */
  async requireTarget(project: Project, { folder, names, to }: Omit<MoveOrder, 'onConflict'>, verb: 'move' | 'copy'): Promise<void> {
    if (verb === 'move' && isSame(folder, to)) throw new ConflictError('browse.sameFolder');
    if (this.files.isInResults(to)) throw new InvalidInputError('browse.noChangesInResults');
    for (const name of names) {
      this.requireAddress([...to, name]);
      if (isInside(to, [...folder, name])) throw new ConflictError('files.intoItself', { name: showEntryName(name) });
    }
    const { kind } = await this.files.of(project).stat(to);
    if (kind !== 'folder') throw new NotFoundError('files.notFound', { name: showEntryName(to.at(-1) ?? Buffer.alloc(0)) });
  }

  /** Names of these that are taken in a folder. */
  async taken(project: Project, names: readonly Buffer[], to: EntryPath): Promise<string[]> {
    const directory = this.files.of(project);
    const found: string[] = [];
    for (const name of names) if (await directory.exists([...to, name])) found.push(showEntryName(name));
    return found;
  }

  private requireOutsideResults(path: EntryPath): void {
    if (this.files.isInResults(path)) throw new InvalidInputError('browse.noChangesInResults');
  }

  /** What no address can name could be neither opened nor downloaded. */
  private requireAddress(path: EntryPath): EntryPath {
    return parseEntryPath(formatEntryPath(path));
  }

  private async nameIsTaken(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof ConflictError && isTaken(error)) throw new InvalidInputError(error.key, error.values, 'newName');
      throw error;
    }
  }
}

function asField(check: () => Buffer): Buffer {
  try {
    return check();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new InvalidInputError(error.key, error.values, 'newName');
    throw error;
  }
}

function isSame(one: EntryPath, other: EntryPath): boolean {
  return formatEntryPath(one) === formatEntryPath(other);
}

/** Whether a path is a folder or lies in it. */
function isInside(path: EntryPath, folder: EntryPath): boolean {
  const [inner, outer] = [formatEntryPath(path), formatEntryPath(folder)];
  return inner === outer || inner.startsWith(`${outer}/`);
}
