import { Injectable } from '@nestjs/common';
import { AccountLinks } from '../../../common/account-links/account-links';
import { ConflictError } from '../../../common/errors';
import { KeptElsewhere } from '../../../common/identities/kept-elsewhere';
import { AccountMails } from '../../../common/mail/account-mails';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { Confirmation } from '../../accounts/confirmation';
import { PasswordChange } from '../../accounts/password-change';

/** What administrators do for the account of somebody, beside their standing. */
@Injectable()
export class PersonChanges {
  constructor(
    private readonly users: UsersRepository,
    private readonly links: AccountLinks,
    private readonly mails: AccountMails,
    private readonly kept: KeptElsewhere,
    private readonly confirmation: Confirmation,
    private readonly passwords: PasswordChange,
  ) {}

  /** For somebody whom the mail with the link does not reach. @throws ConflictError where there is no address. */
  async confirm(person: User): Promise<void> {
    if (person.kind !== 'account' || person.email === null) throw new ConflictError('people.noAddress');
    await this.confirmation.accept(person.id, person.email);
  }

  /**
   * The link by which the person chooses a new password: by mail, or where there is no mail server for whoever asks, to pass it on.
   * @returns the link; null when it was mailed.
   * @throws ConflictError for guests, and for people whose password is kept elsewhere.
   */
  async resetLink(person: User): Promise<string | null> {
    const { id, email, kind } = person;
    if (kind !== 'account' || email === null) throw new ConflictError('people.noAddress');
    if (await this.kept.isKept(person)) throw new ConflictError('external.keptElsewhere');
    if (!this.mails.areSent) {
      await this.links.cancel(id, ['move']);
      return this.links.make('reset', id, null);
    }
    await this.passwords.sendLink(email);
    return null;
  }

  /** Keeps an account whose person asked for its end. @throws ConflictError when it is too late. */
  async keep({ id, leavingMs }: User): Promise<void> {
    if (leavingMs === null) return;
    if (!(await this.users.stay(id))) throw new ConflictError('people.tooLateToKeep');
  }
}
