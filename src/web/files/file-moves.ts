import { Injectable } from '@nestjs/common';
import { FileCopies, type CopyOutcome } from '../../common/copies/file-copies';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { Placed } from '../../common/files/put-in-place';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { FileChanges } from './file-changes';

export type MoveVerb = 'move' | 'copy';

/** Where names are taken, this is asked. */
export const MOVE_CHOICES = ['keepBoth', 'skip'] as const;
export type MoveChoice = (typeof MOVE_CHOICES)[number];

/** What is to be moved or copied, and where to. */
export interface MoveWish {
  project: Project;
  person: User;
  /** In which it lies. */
  folder: EntryPath;
  names: readonly Buffer[];
  to: EntryPath;
  /** Null where nobody has said what to do with names that are taken. */
  choice: MoveChoice | null;
}

/** `ask`: nothing was done, since these names are taken and somebody has to say what to do. */
export type MoveOutcome = { kind: 'ask'; taken: string[] } | CopyOutcome;

/** Moves and copies within a project, for pages and programs. */
@Injectable()
export class FileMoves {
  constructor(
    private readonly changes: FileChanges,
    private readonly copies: FileCopies,
  ) {}

  /** What was left out because its name was taken is among what was placed as `skipped`, or was not copied. @throws as `FileChanges`. */
  async put(verb: MoveVerb, wish: MoveWish): Promise<MoveOutcome> {
    const { project, person, folder, names, to } = wish;
    await this.changes.requireTarget(project, { folder, names, to }, verb);
    const onConflict = await this.onConflict(verb, wish);
    if (onConflict === null) return { kind: 'ask', taken: await this.changes.taken(project, names, to) };
    if (verb === 'copy') return this.copy(wish, onConflict);
    const placed = await this.changes.move(project, { folder, names, to, onConflict }, person);
    return { kind: 'done', placed: placed.filter(isPlaced), leftOut: 0 };
  }

  /** @returns null when that has to be asked first. */
  private async onConflict(verb: MoveVerb, { project, folder, names, to, choice }: MoveWish): Promise<MoveChoice | null> {
    if (choice) return choice;
    // A copy beside its original is always meant as a second one.
    if (verb === 'copy' && formatEntryPath(folder) === formatEntryPath(to)) return 'keepBoth';
    return (await this.changes.taken(project, names, to)).length === 0 ? 'keepBoth' : null;
  }

  private async copy({ project, person, folder, names, to }: MoveWish, onConflict: MoveChoice): Promise<CopyOutcome> {
    const wanted = onConflict === 'skip' ? await this.free(project, names, to) : [...names];
    if (wanted.length === 0) return { kind: 'done', placed: [], leftOut: 0 };
    return this.copies.copy(project, { folder, names: wanted, to, onConflict }, person);
  }

  private async free(project: Project, names: readonly Buffer[], to: EntryPath): Promise<Buffer[]> {
    const taken = new Set(await this.changes.taken(project, names, to));
    return names.filter((name) => !taken.has(showEntryName(name)));
  }
}

function isPlaced({ outcome }: Placed): boolean {
  return outcome !== 'skipped';
}
