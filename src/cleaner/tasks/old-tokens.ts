import { Injectable } from '@nestjs/common';
import { ApiTokensRepository } from '../../common/api-tokens/api-tokens.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Tokens that were taken back, and those whose time was over a month ago: since then nobody asks why they let nobody in. */
@Injectable()
export class OldTokens extends Chore {
  readonly name = 'old tokens';

  constructor(private readonly tokens: ApiTokensRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    return rowsWaste('tokens', await this.tokens.countUseless(), () => this.tokens.deleteUseless());
  }
}
