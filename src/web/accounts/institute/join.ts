import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { ForbiddenError, InvalidInputError } from '../../../common/errors';
import { isDemo } from '../../../common/users/demo';
import type { User } from '../../../common/users/user.entity';
import type { InstitutePerson } from '../../institute/institute-person';
import { Confirmation } from '../confirmation';
import { LogIn } from '../log-in';
import { PasswordPrompt } from '../password-prompt';
import { ConnectionMails } from './connection-mails';
import { InstituteAccounts } from './institute-accounts';

/**
 * What has to be said of somebody of the institute first:
 * - `connect`: they are logged in, and this account becomes theirs;
 * - `password`: an account has their address, and its password shows that it is theirs;
 * - `leaving`: they have an account of which they asked for the end.
 */
export type Question = 'connect' | 'password' | 'leaving';

/** Connects accounts with people of the institute who have shown that they are theirs. */
@Injectable()
export class Join {
  constructor(
    private readonly accounts: InstituteAccounts,
    private readonly logIn: LogIn,
    private readonly prompt: PasswordPrompt,
    private readonly confirmation: Confirmation,
    private readonly mails: ConnectionMails,
    private readonly config: AppConfig,
  ) {}

  /** @returns null when nothing has to be said any more. */
  async questionFor(person: InstitutePerson, visitor: User | null): Promise<Question | null> {
    const known = await this.accounts.accountOf(person);
    if (known) return visitor?.kind !== 'account' && known.user.leavingMs !== null ? 'leaving' : null;
    return visitor?.kind === 'account' ? 'connect' : 'password';
  }

  /** @param password where the account has one: a browser that was left alone connects nobody. @throws InvalidInputError, ForbiddenError. */
  async connect(person: InstitutePerson, visitor: User, password: string): Promise<void> {
    this.requireNoDemo(visitor);
    if (visitor.passwordHash !== null) await this.prompt.require(visitor, password, 'password');
    await this.link(person, visitor);
  }

  /**
   * @returns the account with their address, whose password it was. It is connected, and the institute vouches for the address.
   * @throws InvalidInputError for every other password, ForbiddenError, TooManyRequestsError.
   */
  async prove(person: InstitutePerson, password: string, address: string | undefined): Promise<User> {
    const email = person.email ?? '';
    if (password === '') throw new InvalidInputError('accounts.passwordMissing', {}, 'password');
    const account = await this.logIn.prove({ entered: email, password, address });
    if (account.email !== email) throw new InvalidInputError('accounts.wrongLogin', {}, 'form');
    this.requireNoDemo(account);
    await this.link(person, account);
    await this.confirmation.accept(account.id, email);
    return account;
  }

  private async link(person: InstitutePerson, account: User): Promise<void> {
    await this.accounts.link(person, account);
    await this.mails.write('connected', account, person);
  }

  /** Whose password everybody may know. */
  private requireNoDemo(account: User): void {
    if (isDemo(this.config, account)) throw new ForbiddenError('guests.demoChangesNothing');
  }
}
