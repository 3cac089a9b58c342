import { Injectable, Logger } from '@nestjs/common';
import { InvalidInputError } from '../../common/errors';
import { ExternalUsers } from '../../common/external-users/external-users';
import { Passwords } from '../../common/users/passwords';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import type { TextKey } from '../../locales/text';
import { networkOf, RateLimits } from '../http/rate-limits';
import { Confirmation } from './confirmation';
import { Farewell } from './farewell';

/** What was sent to log in. */
export interface LogInForm {
  /** As the address was typed. */
  entered: string;
  password: string;
  /** Network address of the browser. */
  address: string | undefined;
  /** Whether they keep an account of which they asked for the end. */
  stays: boolean;
}

/** Finds out whether an address and a password belong together, in the same time and words whatever is wrong with them. */
@Injectable()
export class LogIn {
  private readonly logger = new Logger(LogIn.name);

  constructor(
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
    private readonly limits: RateLimits,
    private readonly confirmation: Confirmation,
    private readonly farewell: Farewell,
    private readonly external: ExternalUsers,
  ) {}

  /**
   * Wrong tries count per account and network, and per network.
   * @throws InvalidInputError, or TooManyRequestsError that says when to try again.
   */
  async check({ entered, password, address, stays }: LogInForm): Promise<User> {
    const email = entered.trim().toLowerCase().slice(0, 254);
    const network = networkOf(address);
    await this.limits.take('logIn', network);
    await this.limits.take('logInToAccount', email, network);
    const person = await this.identify(entered.trim().slice(0, 254), password);
    if ('refusal' in person) {
      this.logger.warn(`Log-in refused for ${JSON.stringify(email)} from ${network}`);
      throw new InvalidInputError(person.refusal, {}, 'form');
    }
    await this.limits.giveBack('logIn', network);
    await this.limits.giveBack('logInToAccount', email, network);
    if (person.suspendedMs !== null) throw new InvalidInputError('people.suspended', { why: person.suspendedWhy ?? '' }, 'form');
    await this.requireStay(person, stays);
    if (this.confirmation.isRequiredOf(person)) await this.refuseUnconfirmed(person, network);
    await this.confirmation.promote(person);
    await this.users.markSeen(person.id);
    return person;
  }

  /** Whoever asked for the end of the account may think better of it, as long as the account is there. */
  private async requireStay({ id, leavingMs, removingMs }: User, stays: boolean): Promise<void> {
    if (leavingMs === null && removingMs === null) return;
    if (removingMs !== null || (stays && !(await this.users.stay(id)))) throw new InvalidInputError('accounts.goesNow', {}, 'form');
    if (!stays) throw new InvalidInputError('accounts.leavingNotice', { days: this.farewell.daysLeft(leavingMs ?? 0) }, 'leaving');
  }

  /** One question of each table and one comparison with a slow hash, whether there is such a person or not, and wherever they are known. */
  private async identify(entered: string, password: string): Promise<User | { refusal: TextKey }> {
    const local = await this.users.findByEmail(entered);
    const claim = await this.external.claim(entered, password, local);
    const own = claim.user ?? claim.own;
    const matches = await this.passwords.matches(claim.passwordHash ?? claim.own?.passwordHash, password);
    const isRight = claim.kind === 'compared' ? claim.isRight : matches;
    if (isRight && claim.master) return this.external.accept(claim, password);
    if (isRight && own) return this.renew(own, password);
    return { refusal: claim.kind === 'away' ? 'external.away' : 'accounts.wrongLogin' };
  }

  /** A hash that came from an older system wraps another one; now that the password is known, it gets one of its own. */
  private async renew(person: User, password: string): Promise<User> {
    const { id, passwordHash: before } = person;
    if (before !== null && this.passwords.isWrapped(before)) await this.users.replaceHash(id, before, await this.passwords.hash(password));
    return person;
  }

  /** Their password was right, so they hear why, and get a new link unless they had some a moment ago. */
  private async refuseUnconfirmed(person: User, network: string): Promise<never> {
    await this.limits.takeLink(person.email ?? '', network);
    await this.confirmation.ask(person);
    throw new InvalidInputError('accounts.confirmFirst', { email: person.email ?? '' }, 'form');
  }
}
