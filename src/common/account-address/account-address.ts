import { Injectable } from '@nestjs/common';
import { AccountLinks } from '../account-links/account-links';
import { PersonalInboxes } from '../files/personal-inboxes';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';

/** The addresses of accounts: with one go the links that were sent to it, and the folder in the inbox that is called by it. */
@Injectable()
export class AccountAddress {
  constructor(
    private readonly users: UsersRepository,
    private readonly links: AccountLinks,
    private readonly inboxes: PersonalInboxes,
  ) {}

  /** Gives an account another address, which counts as confirmed. @param email checked. @returns false when somebody has it already. */
  async change(person: User, email: string): Promise<boolean> {
    if (!(await this.users.moveTo(person.id, email))) return false;
    await this.links.cancel(person.id, ['confirm', 'reset', 'move']);
    await this.takeInboxAlong(person);
    return true;
  }

  /** Somebody proved that the address is theirs. @returns false when the account has another one by now. */
  async confirm(id: string, email: string): Promise<boolean> {
    const person = await this.users.findById(id);
    const isTheirs = person !== null && (await this.users.confirm(id, email));
    if (isTheirs) await this.takeInboxAlong(person);
    return isTheirs;
  }

  private async takeInboxAlong(before: User): Promise<void> {
    const after = await this.users.findById(before.id);
    if (after) await this.inboxes.follow(before, after);
  }
}
