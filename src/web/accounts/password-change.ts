import { Injectable } from '@nestjs/common';
import { AccountLinks, LINK_HOURS } from '../../common/account-links/account-links';
import { ConflictError } from '../../common/errors';
import { KeptElsewhere } from '../../common/identities/kept-elsewhere';
import { AccountMails } from '../../common/mail/account-mails';
import { Passwords } from '../../common/users/passwords';
import { SessionsRepository } from '../../common/users/sessions.repository';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';

/** Gives accounts new passwords. With each, older links to them are worth nothing, and their people hear of it by mail. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly passwords: Passwords,
    private readonly links: AccountLinks,
    private readonly mails: AccountMails,
    private readonly kept: KeptElsewhere,
  ) {}

  /** Sends the link for a new password, if there is an account with the address. */
  async sendLink(email: string): Promise<void> {
    const person = await this.users.findByEmail(email);
    // An account that the cleaner deletes may be half gone already.
    if (!person || person.removingMs !== null) return;
    // What another system keeps is not ours to set.
    if (await this.kept.isKept(person)) return;
    const link = await this.links.make('reset', person.id, email);
    await this.mails.write('reset', email, { link, values: { hours: LINK_HOURS.reset } });
  }

  /**
   * @param password checked.
   * @param keep hash of the id of the one session that goes on; null ends all.
   * @returns how many sessions ended.
   */
  async set({ id, email }: Pick<User, 'id' | 'email'>, password: string, keep: string | null): Promise<number> {
    if (await this.kept.isKept({ id })) throw new ConflictError('external.keptElsewhere');
    await this.users.setPasswordHash(id, await this.passwords.hash(password));
    const ended = keep === null ? await this.sessions.endAllOf(id) : await this.sessions.endOthersOf(id, keep);
    await this.links.cancel(id, ['reset', 'move']);
    if (email !== null) await this.mails.write('password', email);
    return ended;
  }
}
