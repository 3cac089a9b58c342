import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { ApiOrder } from './api-order.entity';

/** What came of an order. */
export type OrderOutcome = { runId: number } | { sweepId: string };

type OrderKey = Pick<ApiOrder, 'userId' | 'keyHash'>;

const DAY_MS = 86_400_000;
/** After so long nobody sends a request once more. */
export const ORDER_DAYS = 7;

/** The rows of orders. Time is the database's. */
@Injectable()
export class ApiOrdersRepository {
  private readonly now: string;
  private readonly isOld: string;

  constructor(@InjectRepository(ApiOrder) private readonly orders: Repository<ApiOrder>) {
    this.now = NOW_MS[dialectOf(orders.manager.connection.options)];
    this.isOld = `(created_ms < ${this.now} - ${ORDER_DAYS * DAY_MS} OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = user_id))`;
  }

  /** Writes an order down unless it is there. @returns its row, whoever wrote it. */
  async begin({ userId, keyHash }: OrderKey, digest: string): Promise<ApiOrder> {
    const values = { userId, keyHash, digest, createdMs: () => this.now };
    await repeatWhileBusy(() => this.orders.createQueryBuilder().insert().orIgnore().values(values).execute());
    return this.orders.findOneByOrFail({ userId, keyHash });
  }

  async finish({ userId, keyHash }: OrderKey, outcome: OrderOutcome): Promise<void> {
    await repeatWhileBusy(() => this.orders.update({ userId, keyHash }, outcome));
  }

  /** Nothing came of it: the key is free again. */
  async giveUp({ userId, keyHash }: OrderKey): Promise<void> {
    await repeatWhileBusy(() => this.orders.delete({ userId, keyHash, runId: IsNull(), sweepId: IsNull() }));
  }

  /** Those of the past, and of people who are gone. */
  countOld(): Promise<number> {
    return this.orders.createQueryBuilder('api_orders').where(this.isOld).getCount();
  }

  async deleteOld(): Promise<void> {
    await repeatWhileBusy(() => this.orders.createQueryBuilder().delete().where(this.isOld).execute());
  }
}
