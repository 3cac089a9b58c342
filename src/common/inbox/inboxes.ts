import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { InvalidInputError } from '../errors';
import type { EntryPath } from '../files/entry-name';
import { InboxFiles, isHiddenInInbox, type InboxPlace, type InboxSource, type Person } from '../files/inbox-files';
import type { SafeDirectory } from '../files/safe-directory';
import { isDemo } from '../users/demo';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';

/** The inbox as the owner of a project reaches it. An own part is always that of the owner: no reference can name another one. */
@Injectable()
export class Inboxes {
  private readonly logger = new Logger(Inboxes.name);

  constructor(
    private readonly files: InboxFiles,
    private readonly users: UsersRepository,
    private readonly config: AppConfig,
  ) {}

  /** @throws InvalidInputError when there is no such inbox, or the path is one that is never shown. */
  async directory(source: InboxSource, ownerId: string, path: EntryPath): Promise<SafeDirectory> {
    if (isHiddenInInbox(source, path)) throw new InvalidInputError('files.badReference');
    const asksOwner = source === 'own' || this.config.settings.DEMO_USERLIST.length > 0;
    const owner = asksOwner ? await this.users.findById(ownerId) : null;
    // What lies in the inbox is not for whoever knows the password of a demo account.
    if (isDemo(this.config, owner)) throw new InvalidInputError('files.noInbox');
    const directory = source === 'inbox' ? this.files.directory() : owner && this.files.of(source, owner);
    if (!directory) throw new InvalidInputError('files.noInbox');
    return directory;
  }

  /** Where a person puts files, and how; their own folder is made. Empty when there is no inbox. */
  async placesOf(person: Person & Pick<User, 'displayName'>): Promise<InboxPlace[]> {
    if (isDemo(this.config, person)) return [];
    try {
      // What was there until the address was confirmed, and could not follow then.
      if (person.confirmedMs !== null) await this.files.moveOwn({ ...person, confirmedMs: null, inboxMs: null }, person);
      await this.files.makeOwn(person);
      return this.files.placesOf(person);
    } catch (error) {
      this.logger.warn(`The inbox of ${person.id} cannot be made: ${error instanceof Error ? error.message : String(error)}`);
      return this.files.placesOf(person).filter(({ source }) => source === 'inbox');
    }
  }
}
