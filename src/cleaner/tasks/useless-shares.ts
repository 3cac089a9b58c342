import { Injectable } from '@nestjs/common';
import { SharesRepository } from '../../common/shares/shares.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Links for people without an account that are over, or lead to what is gone. */
@Injectable()
export class UselessShares extends Chore {
  readonly name = 'links that open nothing';

  constructor(private readonly shares: SharesRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    const ids = await this.shares.useless();
    return rowsWaste('links that open nothing', ids.length, () => this.shares.deleteAll(ids));
  }
}
