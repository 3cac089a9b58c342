import { Injectable } from '@nestjs/common';
import { ApiTokensRepository } from '../api-tokens/api-tokens.repository';
import { OutboxRepository } from '../mail/outbox.repository';
import { SessionsRepository } from '../users/sessions.repository';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import { Belongings } from './belongings';
import { StandingOrders } from './standing-orders';

/** Somebody who asked for the end of the account. */
export type Leaver = Pick<User, 'id' | 'email'> & { leavingMs: number };

/** Closes the accounts of people who leave. Their row says so first; all that follows can be repeated, and is, until nothing is open. */
@Injectable()
export class AccountEnd {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly outbox: OutboxRepository,
    private readonly belongings: Belongings,
    private readonly tokens: ApiTokensRepository,
    private readonly standing: StandingOrders,
  ) {}

  /**
   * Log-ins end, tokens go, mails that wait are not sent, schedules and webhooks pause, runs are cancelled, links close; not what they asked
   * for since, to come back.
   */
  async close({ id, email, leavingMs }: Leaver): Promise<void> {
    if (email !== null) await this.outbox.deleteUnsentTo(email, leavingMs);
    await this.sessions.endAllOf(id);
    await this.tokens.deleteOf(id);
    await this.standing.pauseAllOf(id);
    await this.belongings.close(id, leavingMs);
  }

  /** People who leave and of whom something is open still: the process that closed it was killed, or a request came in between. */
  async findUnclosed(): Promise<Leaver[]> {
    const unclosed: Leaver[] = [];
    for (const { id, email, leavingMs } of await this.users.findLeaving()) {
      const mayAct = (await this.sessions.existOf(id)) || (await this.tokens.existOf(id));
      const isOpen = mayAct || (await this.standing.goOnFor(id)) || (await this.belongings.areOpen(id));
      if (isOpen) unclosed.push({ id, email, leavingMs: leavingMs ?? 0 });
    }
    return unclosed;
  }
}
