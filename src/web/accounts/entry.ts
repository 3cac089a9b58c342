import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../../common/errors';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { RateLimits } from '../http/rate-limits';
import { Confirmation } from './confirmation';
import { Farewell } from './farewell';

/** Decides whether somebody who has shown who they are may come in, however they have shown it. */
@Injectable()
export class Entry {
  constructor(
    private readonly users: UsersRepository,
    private readonly limits: RateLimits,
    private readonly confirmation: Confirmation,
    private readonly farewell: Farewell,
  ) {}

  /**
   * @param stays whether they keep an account of which they asked for the end. @param network from which they come.
   * @throws InvalidInputError that says why they may not: for `leaving` when they have to say that they stay.
   */
  async admit(person: User, { stays, network }: { stays: boolean; network: string }): Promise<void> {
    if (person.suspendedMs !== null) throw new InvalidInputError('people.suspended', { why: person.suspendedWhy ?? '' }, 'form');
    await this.requireStay(person, stays);
    if (this.confirmation.isRequiredOf(person)) await this.refuseUnconfirmed(person, network);
    await this.confirmation.promote(person);
    await this.users.markSeen(person.id);
  }

  /** Whoever asked for the end of the account may think better of it, as long as the account is there. */
  private async requireStay({ id, leavingMs, removingMs }: User, stays: boolean): Promise<void> {
    if (leavingMs === null && removingMs === null) return;
    if (removingMs !== null || (stays && !(await this.users.stay(id)))) throw new InvalidInputError('accounts.goesNow', {}, 'form');
    if (!stays) throw new InvalidInputError('accounts.leavingNotice', { days: this.farewell.daysLeft(leavingMs ?? 0) }, 'leaving');
  }

  /** They are who they say, so they hear why, and get a new link unless they had some a moment ago. */
  private async refuseUnconfirmed(person: User, network: string): Promise<never> {
    await this.limits.takeLink(person.email ?? '', network);
    await this.confirmation.ask(person);
    throw new InvalidInputError('accounts.confirmFirst', { email: person.email ?? '' }, 'form');
  }
}
