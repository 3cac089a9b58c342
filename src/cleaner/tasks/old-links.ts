import { Injectable } from '@nestjs/common';
import { AccountLinksRepository } from '../../common/account-links/account-links.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Links of mails about accounts whose time was over a month ago: since then nobody asks why they do not work. */
@Injectable()
export class OldLinks extends Chore {
  readonly name = 'old links of mails';

  constructor(private readonly links: AccountLinksRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    return rowsWaste('links of mails', await this.links.countOld(), () => this.links.deleteOld());
  }
}
