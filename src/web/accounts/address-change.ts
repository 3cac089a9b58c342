import { Injectable } from '@nestjs/common';
import { AccountAddress } from '../../common/account-address/account-address';
import { AccountLinks, LINK_HOURS } from '../../common/account-links/account-links';
import { AppConfig } from '../../common/config/app-config';
import { ConflictError, InvalidInputError } from '../../common/errors';
import { AccountMails } from '../../common/mail/account-mails';
import { isDemoName } from '../../common/users/demo';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { SignUpRule } from './sign-up-rule';

/** Gives accounts another address: a link goes to the new one, a warning to the old one, and only the link changes something. */
@Injectable()
export class AddressChange {
  constructor(
    private readonly users: UsersRepository,
    private readonly links: AccountLinks,
    private readonly mails: AccountMails,
    private readonly rule: SignUpRule,
    private readonly addresses: AccountAddress,
    private readonly config: AppConfig,
  ) {}

  /** @param email checked. @throws InvalidInputError for `email`; ConflictError where no mail is sent. */
  async ask(person: User, email: string): Promise<void> {
    if (!this.mails.areSent) throw new ConflictError('accounts.addressNoMail');
    if (email === person.email) throw new InvalidInputError('accounts.addressSame', {}, 'email');
    this.rule.requireDomain(email);
    if (isDemoName(this.config, email)) throw new InvalidInputError('guests.addressOfDemo', {}, 'email');
    if (await this.users.findByEmail(email)) throw new InvalidInputError('accounts.emailTakenShort', {}, 'email');
    const link = await this.links.make('move', person.id, email);
    await this.mails.write('move', email, { link, values: { email: person.email ?? '', hours: LINK_HOURS.move } });
    if (person.email !== null) await this.mails.write('moving', person.email, { values: { email } });
  }

  /** @throws ConflictError when somebody has the address by now. */
  async carryOut(person: User, email: string): Promise<void> {
    if (!(await this.addresses.change(person, email))) throw new ConflictError('accounts.emailTakenShort');
    if (person.email !== null) await this.mails.write('moved', person.email, { values: { email } });
  }
}
