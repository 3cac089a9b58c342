import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors';
import { parseEntryPath, type EntryPath } from '../files/entry-name';
import { InboxFiles } from '../files/inbox-files';
import { ProjectFiles } from '../files/project-files';
import type { SafeDirectory } from '../files/safe-directory';
import { InboxUse } from '../inbox/inbox-use';
import { Inboxes } from '../inbox/inboxes';
import type { Project } from '../projects/project.entity';
import { UsersRepository } from '../users/users.repository';
import type { ImportBrief } from './import-brief';

/** Times are copied to the millisecond. */
const SAME_MS = 1;

/** What remains in the inbox of something that was moved into a project. */
@Injectable()
export class Originals {
  constructor(
    private readonly inboxes: Inboxes,
    private readonly files: ProjectFiles,
    private readonly inboxFiles: InboxFiles,
    private readonly use: InboxUse,
    private readonly users: UsersRepository,
  ) {}

  /**
   * Removes the files in the inbox whose copies have arrived, and the folders that they leave empty. A file that was written to since it
   * was copied stays, and so does what a run or a link needs, what could not be copied, and what the disk does not let go.
   * @param name of the entry in the inbox. @param placed where its copy lies in the project. @returns how many files stay.
   */
  async remove(project: Project, { source, folder }: ImportBrief, name: Buffer, placed: EntryPath): Promise<number> {
    const original = [...parseEntryPath(folder), name];
    const inbox = await this.inboxes.directory(source, project.ownerId, original);
    const copies = this.files.of(project);
    if (await this.isUsed(source, project.ownerId, original)) return (await copies.measure(placed)).files;
    const { kind } = await copies.stat(placed);
    if (kind !== 'folder') return (await removeIfSame(inbox, original, copies, placed)) ? 0 : 1;
    let kept = 0;
    await copies.eachFile(placed, async ({ path }) => {
      if (!(await removeIfSame(inbox, [...original, ...path], copies, [...placed, ...path]))) kept += 1;
      return true;
    });
    await inbox.prune(original).catch(falseWhenRefused);
    return kept;
  }

  /** Whether something of it is needed by a run that is not over, or linked to. */
  async isUsed(source: ImportBrief['source'], ownerId: string, path: EntryPath): Promise<boolean> {
    const owner = source === 'own' ? await this.users.findById(ownerId) : null;
    const above = owner ? (this.inboxFiles.ownPath(owner) ?? []) : [];
    return this.use.isUsed([...above, ...path]);
  }
}

/** @returns whether it is gone. */
async function removeIfSame(inbox: SafeDirectory, original: EntryPath, copies: SafeDirectory, copy: EntryPath): Promise<boolean> {
  try {
    const [before, now] = await Promise.all([inbox.stat(original), copies.stat(copy)]);
    const isSame = before.kind === 'file' && before.size === now.size && Math.abs(before.mtimeMs - now.mtimeMs) <= SAME_MS;
    if (!isSame) return false;
    await inbox.remove(original);
    return true;
  } catch (error) {
    return falseWhenRefused(error);
  }
}

function falseWhenRefused(error: unknown): false {
  if (error instanceof DomainError) return false;
  throw error;
}
