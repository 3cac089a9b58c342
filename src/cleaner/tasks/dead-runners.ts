import { Injectable } from '@nestjs/common';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';
import { RunnerRowsRepository } from '../runner-rows.repository';

/** Runners without a sign of life for a day; one that still holds a run stays, because its row is evidence. */
@Injectable()
export class DeadRunners extends Chore {
  readonly name = 'dead runners';

  constructor(private readonly rows: RunnerRowsRepository) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const beforeMs = nowMs - DAY_MS;
    return rowsWaste('runners', await this.rows.countDead(beforeMs), () => this.rows.deleteDead(beforeMs));
  }
}
