import { Injectable } from '@nestjs/common';
import { StartupError } from '../common/errors';
import { checkPassword, Passwords } from '../common/users/passwords';
import { SessionsRepository } from '../common/users/sessions.repository';
import type { User } from '../common/users/user.entity';
import { UsersRepository } from '../common/users/users.repository';
import { EXIT_DATA } from '../common/exit-status';

/** What an administrator does to accounts from the shell. Each command returns the text to print. */
@Injectable()
export class AccountCommands {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly passwords: Passwords,
  ) {}

  async makeAdmin(email: string): Promise<string> {
    const account = await this.find(email);
    if (account.isAdmin) return `${account.email} is an administrator already.`;
    await this.users.setAdmin(account.id, true);
    return `${account.email} is an administrator now.`;
  }

  /** @param wanted the new password; undefined makes a random one. @throws InvalidInputError when it is too short or too long. */
  async resetPassword(email: string, wanted: string | undefined): Promise<string> {
    const account = await this.find(email);
    const password = wanted ?? this.passwords.random();
    checkPassword(password);
    await this.users.setPasswordHash(account.id, await this.passwords.hash(password));
    const ended = await this.sessions.endAllOf(account.id);
    const loggedOut = `${ended} ${ended === 1 ? 'session' : 'sessions'} of ${account.email} ended.`;
    return wanted === undefined ? `New password of ${account.email}: ${password}\n${loggedOut}` : `The password is changed. ${loggedOut}`;
  }

  async listUsers(): Promise<string> {
    const accounts = await this.users.findAccounts();
    if (accounts.length === 0) return 'Nobody has signed up yet.';
    return accounts.map(describe).join('\n');
  }

  private async find(email: string): Promise<User> {
    const account = await this.users.findByEmail(email.trim());
    if (!account)
      throw new StartupError(`There is no account with the address ${email}. "node dist/admin list-users" lists them.`, EXIT_DATA);
    return account;
  }
}

function describe({ isAdmin, lastSeenMs, email }: User): string {
  const seen = new Date(lastSeenMs).toISOString().slice(0, 16).replace('T', ' ');
  return `${isAdmin ? 'administrator' : 'person       '}  ${seen} UTC  ${email}`;
}
