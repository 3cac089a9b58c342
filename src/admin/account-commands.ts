import { Injectable } from '@nestjs/common';
import { AccountLinks, LINK_HOURS } from '../common/account-links/account-links';
import { StartupError } from '../common/errors';
import type { ExternalUser } from '../common/external-users/external-user.entity';
import { MirrorsRepository } from '../common/external-users/mirrors.repository';
import { parseEmail } from '../common/users/email-address';
import { checkPassword, Passwords } from '../common/users/passwords';
import { SessionsRepository } from '../common/users/sessions.repository';
import type { User } from '../common/users/user.entity';
import { UsersRepository } from '../common/users/users.repository';
import { EXIT_DATA } from '../common/exit-status';
import { AccountFinder } from './account-finder';

/** What an administrator does to accounts from the shell. Each command returns the text to print. */
@Injectable()
export class AccountCommands {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly passwords: Passwords,
    private readonly links: AccountLinks,
    private readonly mirrors: MirrorsRepository,
    private readonly finder: AccountFinder,
  ) {}

  /** @param wanted the new password; undefined makes a random one. @throws InvalidInputError when it is too short or too long. */
  async resetPassword(email: string, wanted: string | undefined): Promise<string> {
    const account = await this.finder.find(email);
    await this.finder.requireOwn(account, 'password');
    const password = wanted ?? this.passwords.random();
    checkPassword(password);
    await this.users.setPasswordHash(account.id, await this.passwords.hash(password));
    // Whoever knew the old one may have asked for links with it.
    await this.links.cancel(account.id, ['reset', 'move']);
    const ended = await this.sessions.endAllOf(account.id);
    const loggedOut = `${ended} ${ended === 1 ? 'session' : 'sessions'} of ${account.email} ended.`;
    return wanted === undefined ? `New password of ${account.email}: ${password}\n${loggedOut}` : `The password is changed. ${loggedOut}`;
  }

  /** A link to pass on, by which the person chooses a password; an earlier one is worth nothing any more. */
  async resetLink(email: string): Promise<string> {
    const account = await this.finder.find(email);
    await this.finder.requireOwn(account, 'password');
    await this.links.cancel(account.id, ['reset', 'move']);
    const link = await this.links.make('reset', account.id, null);
    return `${link}\nGive this link to ${account.email}: it opens the page for a new password, once, within ${LINK_HOURS.reset} hours.`;
  }

  /** @throws InvalidInputError when it is no address, StartupError when it has an account. */
  async invite(entered: string): Promise<string> {
    const email = parseEmail(entered);
    if (await this.users.findByEmail(email)) throw new StartupError(`${email} has an account already.`, EXIT_DATA);
    const link = await this.links.make('invite', null, email);
    return `${link}\nGive this link to ${email}: it opens the page for signing up, once, within ${LINK_HOURS.invite / 24} days.`;
  }

  /** For somebody who asked for the end of the account, and thinks better of it. @throws StartupError when it is too late. */
  async keepAccount(email: string): Promise<string> {
    const account = await this.finder.find(email);
    const known = account.email ?? account.displayName;
    if (account.leavingMs === null) return `${known} has not asked for the end of the account.`;
    if (!(await this.users.stay(account.id))) throw new StartupError(`It is too late: the cleaner is deleting ${known}.`, EXIT_DATA);
    return `${known} stays. Runs that were cancelled and links for others that were closed do not come back.`;
  }

  async listUsers(): Promise<string> {
    const accounts = await this.users.findAccounts();
    if (accounts.length === 0) return 'Nobody has signed up yet.';
    const mirrors = await this.mirrors.all();
    return accounts.map((account) => describe(account, mirrors.get(account.id))).join('\n');
  }
}

function describe(account: User, mirror: ExternalUser | undefined): string {
  const { isAdmin, lastSeenMs, email, confirmedMs, leavingMs, removingMs } = account;
  const seen = new Date(lastSeenMs).toISOString().slice(0, 16).replace('T', ' ');
  const who = `${isAdmin ? 'administrator' : 'person       '}  ${seen} UTC  ${email ?? ''}`;
  const words = [
    ...(mirror ? [`external: ${mirror.name}`] : []),
    ...(mirror && mirror.endedMs !== null ? ['may not log in any more'] : []),
    ...(email !== null && confirmedMs === null ? ['address not confirmed'] : []),
    ...(leavingMs === null
      ? []
      : [removingMs === null ? `leaves since ${new Date(leavingMs).toISOString().slice(0, 10)}` : 'is being deleted']),
  ];
  return words.length === 0 ? who : `${who.trimEnd()}  (${words.join(', ')})`;
}
