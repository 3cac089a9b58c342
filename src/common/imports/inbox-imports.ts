import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConflictError, ForbiddenError, NotFoundError } from '../errors';
import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../files/entry-name';
import type { InboxSource } from '../files/inbox-files';
import type { OnConflict } from '../files/put-in-place';
import type { SafeDirectory } from '../files/safe-directory';
import { FileTasks } from '../file-tasks/file-tasks';
import { InboxLinks, type LinkTarget } from '../inbox/inbox-links';
import { LINK_BYTES } from '../inbox/link-file';
import { Inboxes } from '../inbox/inboxes';
import type { Project } from '../projects/project.entity';
import { Space } from '../space/space';
import type { User } from '../users/user.entity';
import type { ImportBrief } from './import-brief';
import { ImportTarget } from './import-target';
import { Originals } from './originals';

/** What is to come into a project from the inbox, and where to. */
export interface ImportOrder {
  source: InboxSource;
  /** In the inbox; the entries lie in it. */
  folder: EntryPath;
  names: readonly Buffer[];
  /** Folder of the project. */
  to: EntryPath;
  onConflict: OnConflict;
}

export type ImportHow = 'copy' | 'move';

const MOST_LINKS = 1000;
/** What a row of a task holds in either database. */
const MOST_BRIEF_BYTES = 60_000;
const RESERVED_FOR_MS = 10 * 60_000;

/** Brings files from the inbox into projects: as copies, as the files themselves, or as links. */
@Injectable()
export class InboxImports {
  constructor(
    private readonly from: Inboxes,
    private readonly originals: Originals,
    private readonly into: ImportTarget,
    private readonly tasks: FileTasks,
    private readonly links: InboxLinks,
    private readonly space: Space,
  ) {}

  /**
   * Asks for a copy or a move, which goes on outside of the request.
   * @returns the id of the task.
   * @throws ForbiddenError for guests who would move what all share; ConflictError for what a run or a link needs, or that cannot be placed.
   */
  async start(project: Project, order: ImportOrder, how: ImportHow, by: User): Promise<string> {
    const directory = await this.check(project, order);
    for (const name of order.names) await directory.stat([...order.folder, name]);
    if (how === 'move') await this.requireMovable(project, order, by);
    const { source, folder, names, to, onConflict } = order;
    const brief: ImportBrief = {
      source,
      folder: formatEntryPath(folder),
      names: names.map(formatEntryName),
      to: formatEntryPath(to),
      onConflict,
      moves: how === 'move',
      by: by.displayName,
    };
    if (Buffer.byteLength(JSON.stringify(brief)) > MOST_BRIEF_BYTES) throw new ConflictError('inbox.tooMany');
    const title = showEntryName(names[0] ?? Buffer.alloc(0)) + (names.length > 1 ? ` (+${names.length - 1})` : '');
    return this.tasks.start({ kind: 'import', project, by, title, brief });
  }

  /**
   * Makes a link for each file; folders become folders of links. All of them appear, or none.
   * @returns how many files were linked, and how many entries were left out since their names are taken.
   */
  async link(project: Project, order: ImportOrder, by: User): Promise<{ files: number; skipped: number }> {
    const directory = await this.check(project, order);
    const targets = await targetsOf(directory, order);
    if (targets.length === 0) throw new NotFoundError('inbox.nothingToLink');
    const id = randomUUID();
    const amounts = { bytes: targets.length * LINK_BYTES, files: targets.length };
    await this.space.reserve(project.ownerId, amounts, { id, projectId: project.id, what: 'import', forMs: RESERVED_FOR_MS });
    const staging = await this.into.staging(project, id);
    try {
      const contents = await this.links.add(project, targets);
      for (const [index, { target }] of targets.entries()) {
        await writeFile(staging, target.slice(order.folder.length), contents[index]);
      }
      const skipped = await this.into.putAll(project, staging, order, by);
      await this.space.settle(id, amounts);
      return { files: targets.length, skipped };
    } catch (error) {
      await this.space.release(id);
      throw error;
    } finally {
      await staging.remove([]);
    }
  }

  /** @returns the part of the inbox that the entries lie in. */
  private async check(project: Project, order: ImportOrder): Promise<SafeDirectory> {
    const { source, folder, names } = order;
    await this.into.require(project, order);
    let directory = await this.from.directory(source, project.ownerId, folder);
    for (const name of names) directory = await this.from.directory(source, project.ownerId, [...folder, name]);
    return directory;
  }

  private async requireMovable(project: Project, { source, folder, names }: ImportOrder, by: User): Promise<void> {
    if (source === 'inbox' && by.kind === 'guest') throw new ForbiddenError('inbox.guestsMoveNothing');
    for (const name of names) {
      if (!(await this.originals.isUsed(source, project.ownerId, [...folder, name]))) continue;
      throw new ConflictError('inbox.inUse', { name: showEntryName(name) });
    }
  }
}

/** Every file at and below the entries. @throws ConflictError when there are too many. */
async function targetsOf(directory: SafeDirectory, { source, folder, names }: ImportOrder): Promise<LinkTarget[]> {
  const found: LinkTarget[] = [];
  const add = async (target: EntryPath) => {
    if (found.length >= MOST_LINKS) throw new ConflictError('inbox.tooManyLinks', { most: MOST_LINKS });
    // What cannot be opened now could not be an input either.
    const { handle } = await directory.openFile(target);
    await handle.close();
    const identity = await directory.identify(target);
    if (identity) found.push({ source, target, identity });
  };
  for (const name of names) {
    const path = [...folder, name];
    const { kind } = await directory.stat(path);
    if (kind !== 'folder') await add(path);
    else for (const file of (await directory.findFiles(path, { most: MOST_LINKS + 1 })).files) await add([...path, ...file.path]);
  }
  return found;
}

async function writeFile(directory: SafeDirectory, path: EntryPath, content: Buffer): Promise<void> {
  if (path.length > 1) await directory.ensureFolder(path.slice(0, -1));
  const handle = await directory.createFile(path);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}
