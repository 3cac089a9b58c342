import { Injectable } from '@nestjs/common';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';
import { RemovalWarningsRepository } from '../../common/cleaning/removal-warnings.repository';

/** What is remembered of mails about deletions, once their links are over. */
@Injectable()
export class OldWarnings extends Chore {
  readonly name = 'old warnings';

  constructor(private readonly warnings: RemovalWarningsRepository) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    return rowsWaste('warnings of deletions', await this.warnings.countOld(nowMs), () => this.warnings.deleteOld(nowMs));
  }
}
