import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import type { EntryPath } from '../../common/files/entry-name';
import { isHiddenInInbox, type InboxPlace, type InboxSource } from '../../common/files/inbox-files';
import type { SortedListing } from '../../common/files/safe-directory';
import { FolderIndexes, type FolderQuestion } from '../../common/files/threads/folder-indexes';
import { Inboxes } from '../../common/inbox/inboxes';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';

/** One part of the inbox that somebody has. */
export interface InboxPart {
  places: InboxPlace[];
  source: InboxSource;
}

const EMPTY: SortedListing = { entries: [], total: 0, matching: 0, complete: true };

/** What lies in the inbox, folder by folder. */
@Injectable()
export class InboxListing {
  constructor(
    private readonly inboxes: Inboxes,
    private readonly indexes: FolderIndexes,
  ) {}

  /** @returns the part that is asked for where the person has it, else the first. @throws NotFoundError when there is no inbox. */
  async partOf(person: User, asked: InboxSource | undefined): Promise<InboxPart> {
    const places = await this.inboxes.placesOf(person);
    if (places.length === 0) throw new NotFoundError('files.noInbox');
    return { places, source: places.find(({ source }) => source === asked)?.source ?? places[0].source };
  }

  /** @throws NotFoundError when there is no such folder in it. */
  async list(project: Project, source: InboxSource, folder: EntryPath, question: FolderQuestion): Promise<SortedListing> {
    const directory = await this.inboxes.directory(source, project.ownerId, folder);
    try {
      const listing = await directory.listSorted(folder, this.indexes, question);
      return { ...listing, entries: listing.entries.filter(({ name }) => !isHiddenInInbox(source, [...folder, name])) };
    } catch (error) {
      // Nobody has put anything in yet, and nobody has made the folder.
      if (error instanceof NotFoundError && folder.length === 0) return EMPTY;
      throw error;
    }
  }
}
