import { Injectable } from '@nestjs/common';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';

const MOST_AT_ONCE = 10_000;

/** Sweeps of which no run is left: their page would be empty. */
@Injectable()
export class GoneSweeps extends Chore {
  readonly name = 'sweeps without runs';

  constructor(private readonly sweeps: SweepsRepository) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const ids = await this.sweeps.gone(nowMs - DAY_MS, MOST_AT_ONCE);
    return rowsWaste('sweeps without runs', ids.length, () => this.sweeps.delete(ids));
  }
}
