import { Injectable, Logger } from '@nestjs/common';
import { InboxFiles, type Person } from './inbox-files';

/** The folder of a person in the inbox is called by the address: whoever gets the old address later must not find it. */
@Injectable()
export class PersonalInboxes {
  private readonly logger = new Logger(PersonalInboxes.name);

  constructor(private readonly inbox: InboxFiles) {}

  /** Takes the folder of a person along to another address. What cannot be moved is told in the log, and holds nothing up. */
  async follow(person: Person & { id: string }, email: string | null): Promise<void> {
    if (person.email === email) return;
    try {
      await this.inbox.moveOwn(person, { kind: person.kind, email });
    } catch (error) {
      this.logger.warn(`The inbox of ${person.id} keeps its old name: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
