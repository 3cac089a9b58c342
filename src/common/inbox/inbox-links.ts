import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors';
import { formatEntryPath, parseEntryPath, type EntryPath } from '../files/entry-name';
import { identityKey, type FileIdentity } from '../files/file-identity';
import type { InboxSource } from '../files/inbox-files';
import type { SafeDirectory } from '../files/safe-directory';
import type { Project } from '../projects/project.entity';
import type { InboxLink } from './inbox-link.entity';
import { InboxLinksRepository } from './inbox-links.repository';
import { Inboxes } from './inboxes';
import { LINK_BYTES, linkContent, readLinkId } from './link-file';

type ProjectKey = Pick<Project, 'id' | 'ownerId'>;

/** A link, and what is at its end now. */
export interface LinkState {
  source: InboxSource;
  target: EntryPath;
  /** `same`: as it was when it was linked. */
  state: 'same' | 'changed' | 'gone';
  /** Of the file in the inbox now; as it was linked when it is gone. */
  size: number;
}

/** A file that is to be linked. */
export interface LinkTarget {
  source: InboxSource;
  target: EntryPath;
  identity: FileIdentity;
}

export interface FilePlace {
  directory: SafeDirectory;
  path: EntryPath;
}

/** Files of the inbox that projects use without a copy: which small file of a project stands for which. */
@Injectable()
export class InboxLinks {
  constructor(
    private readonly rows: InboxLinksRepository,
    private readonly inboxes: Inboxes,
  ) {}

  /** @returns what the files in the project have to hold, one for each target. */
  async add(project: ProjectKey, targets: readonly LinkTarget[]): Promise<Buffer[]> {
    const links = targets.map(({ source, target, identity }) => {
      const { inode, size, mtimeNs } = identity;
      const row = { id: randomUUID(), projectId: project.id, ownerId: project.ownerId, source, target: formatEntryPath(target) };
      return { ...row, inode, size, mtimeNs };
    });
    await this.rows.add(links);
    return links.map(({ id }, index) => linkContent(id, targets[index].target));
  }

  /** The link that lies at a path of the project; null for any other file. */
  async at(project: ProjectKey, directory: SafeDirectory, path: EntryPath): Promise<InboxLink | null> {
    const id = await readLinkId(directory, path);
    return id === null ? null : ((await this.rows.find(project.id, [id])).get(id) ?? null);
  }

  /** Where the bytes of a file of the project lie that people look at or fetch: at the end of a link, and else where it is itself. */
  async follow(project: ProjectKey, directory: SafeDirectory, path: EntryPath): Promise<FilePlace> {
    const link = await this.at(project, directory, path);
    if (!link) return { directory, path };
    const target = parseEntryPath(link.target);
    return { directory: await this.inboxes.directory(link.source, link.ownerId, target), path: target };
  }

  /** Those of some files of a project that are links, by address. Only files as large as a link are looked into. */
  async among(
    project: ProjectKey,
    directory: SafeDirectory,
    files: readonly { path: EntryPath; size: number }[],
  ): Promise<Map<string, LinkState>> {
    const candidates = files.filter(({ size }) => size === LINK_BYTES);
    const found = new Map<string, LinkState>();
    if (candidates.length === 0 || !(await this.rows.hasAny(project.id))) return found;
    const ids = new Map<string, string>();
    for (const { path } of candidates) {
      const id = await readLinkId(directory, path);
      if (id !== null) ids.set(formatEntryPath(path), id);
    }
    const links = await this.rows.find(project.id, [...ids.values()]);
    for (const [address, id] of ids) {
      const link = links.get(id);
      if (link) found.set(address, await this.stateOf(link));
    }
    return found;
  }

  /** What is at the end of a link now. */
  async stateOf(link: InboxLink): Promise<LinkState> {
    const target = parseEntryPath(link.target);
    const now = await this.identityNow(link, target);
    if (!now) return { source: link.source, target, state: 'gone', size: link.size };
    return { source: link.source, target, state: identityKey(now) === identityKey(link) ? 'same' : 'changed', size: now.size };
  }

  private async identityNow({ source, ownerId }: InboxLink, target: EntryPath): Promise<FileIdentity | null> {
    try {
      return await (await this.inboxes.directory(source, ownerId, target)).identify(target);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}
