import { Injectable } from '@nestjs/common';
import { AccountLinks, LINK_HOURS } from '../common/account-links/account-links';
import { StartupError } from '../common/errors';
import type { ExternalUser } from '../common/external-users/external-user.entity';
import { MirrorsRepository } from '../common/external-users/mirrors.repository';
import { PersonalInboxes } from '../common/files/personal-inboxes';
import { parseEmail } from '../common/users/email-address';
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
    private readonly links: AccountLinks,
    private readonly mirrors: MirrorsRepository,
    private readonly inboxes: PersonalInboxes,
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
    await this.requireOwn(account, 'password');
    const password = wanted ?? this.passwords.random();
    checkPassword(password);
    await this.users.setPasswordHash(account.id, await this.passwords.hash(password));
    // Whoever knew the old one may have asked for links with it.
    await this.links.cancel(account.id, ['reset', 'move']);
    const ended = await this.sessions.endAllOf(account.id);
    const loggedOut = `${ended} ${ended === 1 ? 'session' : 'sessions'} of ${account.email} ended.`;
    return wanted === undefined ? `New password of ${account.email}: ${password}\n${loggedOut}` : `The password is changed. ${loggedOut}`;
  }

  /** For somebody whom the mail with the link does not reach. */
  async confirm(email: string): Promise<string> {
    const account = await this.find(email);
    await this.users.confirm(account.id, account.email ?? '');
    return `${account.email} counts as confirmed now.`;
  }

  /** For somebody whom no mail reaches: the new address counts as confirmed. @throws StartupError when somebody else has it. */
  async changeAddress(email: string, entered: string): Promise<string> {
    const account = await this.find(email);
    await this.requireOwn(account, 'address');
    const wanted = parseEmail(entered);
    if (!(await this.users.moveTo(account.id, wanted))) throw new StartupError(`${wanted} has an account already.`, EXIT_DATA);
    await this.links.cancel(account.id, ['confirm', 'reset', 'move']);
    await this.inboxes.follow(account, wanted);
    return `${account.email} is ${wanted} now.`;
  }

  /** A link to pass on, by which the person chooses a password; an earlier one is worth nothing any more. */
  async resetLink(email: string): Promise<string> {
    const account = await this.find(email);
    await this.requireOwn(account, 'password');
    await this.links.cancel(account.id, ['move']);
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

  async listUsers(): Promise<string> {
    const accounts = await this.users.findAccounts();
    if (accounts.length === 0) return 'Nobody has signed up yet.';
    const mirrors = await this.mirrors.all();
    return accounts.map((account) => describe(account, mirrors.get(account.id))).join('\n');
  }

  /** @throws StartupError for people of an external table. */
  private async requireOwn({ id, email, displayName }: User, what: 'password' | 'address'): Promise<void> {
    if (!(await this.mirrors.isExternal(id))) return;
    throw new StartupError(`The ${what} of ${email ?? displayName} is kept in the external table of people: change it there.`, EXIT_DATA);
  }

  private async find(email: string): Promise<User> {
    const account = (await this.users.findByEmail(email.trim())) ?? (await this.byName(email.trim()));
    if (!account)
      throw new StartupError(`There is no account with the address ${email}. "node dist/admin list-users" lists them.`, EXIT_DATA);
    return account;
  }

  /** People of an external table may have no address. */
  private async byName(name: string): Promise<User | null> {
    const mirror = await this.mirrors.findByName(name);
    return mirror && this.users.findById(mirror.userId);
  }
}

function describe({ isAdmin, lastSeenMs, email }: User, mirror: ExternalUser | undefined): string {
  const seen = new Date(lastSeenMs).toISOString().slice(0, 16).replace('T', ' ');
  const who = `${isAdmin ? 'administrator' : 'person       '}  ${seen} UTC  ${email ?? ''}`;
  if (!mirror) return who;
  const standing = mirror.endedMs === null ? '' : ', may not log in any more';
  return `${who.trimEnd()}  (external: ${mirror.name}${standing})`;
}
