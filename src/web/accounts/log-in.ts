import { Injectable, Logger } from '@nestjs/common';
import { InvalidInputError } from '../../common/errors';
import { Passwords } from '../../common/users/passwords';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { networkOf, RateLimits } from '../http/rate-limits';
import { Confirmation } from './confirmation';

/** Finds out whether an address and a password belong together, in the same time and words whatever is wrong with them. */
@Injectable()
export class LogIn {
  private readonly logger = new Logger(LogIn.name);

  constructor(
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
    private readonly limits: RateLimits,
    private readonly confirmation: Confirmation,
  ) {}

  /**
   * @param address network address of the browser. Wrong tries count per account and network, and per network.
   * @throws InvalidInputError, or TooManyRequestsError that says when to try again.
   */
  async check(entered: string, password: string, address: string | undefined): Promise<User> {
    const email = entered.trim().toLowerCase().slice(0, 254);
    const network = networkOf(address);
    await this.limits.take('logIn', network);
    await this.limits.take('logInToAccount', email, network);
    const person = await this.users.findByEmail(email);
    if (!(await this.passwords.matches(person?.passwordHash, password)) || !person) {
      this.logger.warn(`Log-in refused for ${JSON.stringify(email)} from ${network}`);
      throw new InvalidInputError('accounts.wrongLogin', {}, 'form');
    }
    await this.limits.giveBack('logIn', network);
    await this.limits.giveBack('logInToAccount', email, network);
    if (this.confirmation.isRequiredOf(person)) await this.refuseUnconfirmed(person, network);
    await this.confirmation.promote(person);
    await this.users.markSeen(person.id);
    return person;
  }

  /** Their password was right, so they hear why, and get a new link unless they had some a moment ago. */
  private async refuseUnconfirmed(person: User, network: string): Promise<never> {
    await this.limits.take('links', network);
    await this.limits.take('linkTo', person.email ?? '');
    await this.confirmation.ask(person);
    throw new InvalidInputError('accounts.confirmFirst', { email: person.email ?? '' }, 'form');
  }
}
