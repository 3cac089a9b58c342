import { Injectable, Logger } from '@nestjs/common';
import { InboxFiles, type Person } from './inbox-files';

/** The folder of a person in the inbox is called by the address: whoever gets the old address later must not find it. */
@Injectable()
export class PersonalInboxes {
  private readonly logger = new Logger(PersonalInboxes.name);

  constructor(private readonly inbox: InboxFiles) {}

  /**
   * Takes the folder of a person along to another address, or to the one that has proved to be theirs. What cannot be moved is told in the
   * log, and holds nothing up.
   */
  async follow(before: Person, after: Person): Promise<void> {
    try {
      if (await this.inbox.moveOwn(before, after)) this.logger.log(`The inbox of ${after.id} has a folder that was there before, too`);
    } catch (error) {
      this.logger.warn(`The inbox of ${after.id} keeps its old name: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
