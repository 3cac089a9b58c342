import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';
import { WebhookDeliveriesRepository } from '../../common/webhooks/webhook-deliveries.repository';
import { WebhooksRepository } from '../../common/webhooks/webhooks.repository';

/** Webhooks of people and projects that are gone, those that were deleted, and what was sent longer than RETENTION_DAYS ago. */
@Injectable()
export class GoneWebhooks extends Chore {
  readonly name = 'webhooks that nobody sees';

  constructor(
    private readonly config: AppConfig,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const ids = await this.webhooks.useless();
    const beforeMs = nowMs - this.config.settings.RETENTION_DAYS * DAY_MS;
    return [
      ...rowsWaste('webhooks that nobody sees', ids.length, () => this.webhooks.deleteAll(ids)),
      ...rowsWaste('messages to webhooks', await this.deliveries.countOld(beforeMs), () => this.deliveries.deleteOld(beforeMs)),
    ];
  }
}
