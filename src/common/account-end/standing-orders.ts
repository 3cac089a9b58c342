import { Injectable } from '@nestjs/common';
import { SchedulesRepository } from '../schedules/schedules.repository';
import { WebhooksRepository } from '../webhooks/webhooks.repository';

/** What goes on by itself for somebody: schedules, and webhooks of their projects. */
@Injectable()
export class StandingOrders {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly webhooks: WebhooksRepository,
  ) {}

  async pauseAllOf(ownerId: string): Promise<void> {
    await this.schedules.pauseAllOf(ownerId);
    await this.webhooks.pauseAllOf(ownerId);
  }

  async goOnFor(ownerId: string): Promise<boolean> {
    return (await this.schedules.existActiveOf(ownerId)) || (await this.webhooks.existActiveOf(ownerId));
  }
}
