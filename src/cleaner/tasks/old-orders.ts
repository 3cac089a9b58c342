import { Injectable } from '@nestjs/common';
import { ApiOrdersRepository } from '../../common/api-orders/api-orders.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Keys by which programs send a request once more: after a week none does. */
@Injectable()
export class OldOrders extends Chore {
  readonly name = 'old orders';

  constructor(private readonly orders: ApiOrdersRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    return rowsWaste('orders', await this.orders.countOld(), () => this.orders.deleteOld());
  }
}
