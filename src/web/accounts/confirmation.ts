import { Injectable, Logger } from '@nestjs/common';
import { AccountAddress } from '../../common/account-address/account-address';
import { AccountLinks, LINK_HOURS } from '../../common/account-links/account-links';
import { AppConfig } from '../../common/config/app-config';
import { AccountMails } from '../../common/mail/account-mails';
import { hasToConfirm } from '../../common/users/confirmation-rule';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';

/** Addresses that have proved to be their person's, and what that is good for. */
@Injectable()
export class Confirmation {
  private readonly logger = new Logger(Confirmation.name);

  constructor(
    private readonly users: UsersRepository,
    private readonly addresses: AccountAddress,
    private readonly links: AccountLinks,
    private readonly mails: AccountMails,
    private readonly config: AppConfig,
  ) {}

  /** Whether this person has to confirm the address before they may come in. */
  isRequiredOf(person: Pick<User, 'email' | 'confirmedMs'>): boolean {
    return hasToConfirm(this.config, person);
  }

  /** Whether the operator named this address in ADMIN_EMAILS. */
  isNamed(email: string): boolean {
    return this.config.settings.ADMIN_EMAILS.some((named) => named.toLowerCase() === email);
  }

  /** Whether ADMIN_EMAILS makes this person an administrator: where mails are sent, whoever only typed the address is not believed. */
  isAdministrator({ email, confirmedMs }: Pick<User, 'email' | 'confirmedMs'>): boolean {
    return email !== null && this.isNamed(email) && (confirmedMs !== null || !this.mails.areSent);
  }

  /** Sends the link that confirms the address; an earlier one is worth nothing any more. */
  async ask({ id, email }: Pick<User, 'id' | 'email'>): Promise<void> {
    if (email === null || !this.mails.areSent) return;
    const link = await this.links.make('confirm', id, email);
    await this.mails.write('confirm', email, { link, values: { hours: LINK_HOURS.confirm } });
  }

  /** The person showed that the address is theirs. @returns false when the account has another one by now. */
  async accept(id: string, email: string): Promise<boolean> {
    const isTheirs = await this.addresses.confirm(id, email);
    const person = isTheirs ? await this.users.findById(id) : null;
    if (person) await this.promote(person);
    return isTheirs;
  }

  /** Makes an administrator of whom the operator named. */
  async promote(person: User): Promise<void> {
    if (person.isAdmin || !this.isAdministrator(person)) return;
    await this.users.setAdmin(person.id, true);
    this.logger.log(`${person.id} is an administrator now, as ADMIN_EMAILS says.`);
  }
}
