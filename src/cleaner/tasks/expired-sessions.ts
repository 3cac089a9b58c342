import { Injectable } from '@nestjs/common';
import { repeatWhileBusy } from '../../common/database/repeat-while-busy';
import { SessionsRepository } from '../../common/users/sessions.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Log-ins whose time is over; they open nothing any more. */
@Injectable()
export class ExpiredSessions extends Chore {
  readonly name = 'expired log-ins';

  constructor(private readonly sessions: SessionsRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    return rowsWaste('log-ins', await this.sessions.countExpired(), () => repeatWhileBusy(() => this.sessions.deleteExpired()));
  }
}
