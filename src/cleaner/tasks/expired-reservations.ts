import { Injectable } from '@nestjs/common';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';
import { SpaceRowsRepository } from '../space-rows.repository';

/**
 * Reservations of space whose time is over: they count no more since then, and stay for a day for work that settles late. Figures of people
 * who are gone go with them.
 */
@Injectable()
export class ExpiredReservations extends Chore {
  readonly name = 'rows about space';

  constructor(private readonly rows: SpaceRowsRepository) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const beforeMs = nowMs - DAY_MS;
    return [
      ...rowsWaste('expired reservations', await this.rows.countExpired(beforeMs), () => this.rows.deleteExpired(beforeMs)),
      ...rowsWaste('space of people who are gone', await this.rows.countOfNobody(), () => this.rows.deleteOfNobody()),
    ];
  }
}
