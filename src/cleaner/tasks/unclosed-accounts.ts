import { Injectable } from '@nestjs/common';
import { AccountEnd } from '../../common/account-end/account-end';
import { Chore, NOTHING, type Waste } from '../../common/cleaning/chore';

/** Runs, links and log-ins of people who asked for the end of their account, where the process that was closing them was killed. */
@Injectable()
export class UnclosedAccounts extends Chore {
  readonly name = 'accounts that were not closed yet';

  constructor(private readonly end: AccountEnd) {
    super();
  }

  async find(): Promise<Waste[]> {
    return (await this.end.findUnclosed()).map((person) => ({
      what: `runs, links and log-ins of account ${person.id}, whose person leaves`,
      measure: async () => NOTHING,
      remove: () => this.end.close(person).then(() => NOTHING),
    }));
  }
}
