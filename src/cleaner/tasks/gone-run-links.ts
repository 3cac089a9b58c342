import { Injectable } from '@nestjs/common';
import { RunLinksRepository } from '../../common/chains/run-links.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** What runs waited for that are gone. */
@Injectable()
export class GoneRunLinks extends Chore {
  readonly name = 'links of runs that are gone';

  constructor(private readonly links: RunLinksRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    const runIds = await this.links.gone();
    return rowsWaste('links of runs that are gone', runIds.length, () => this.links.delete(runIds));
  }
}
