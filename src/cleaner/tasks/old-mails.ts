import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { OutboxRepository } from '../../common/mail/outbox.repository';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Mails that were sent or given up, after RETENTION_DAYS. One that still waits for its server stays. */
@Injectable()
export class OldMails extends Chore {
  readonly name = 'old mails';

  constructor(
    private readonly config: AppConfig,
    private readonly outbox: OutboxRepository,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const beforeMs = nowMs - this.config.settings.RETENTION_DAYS * DAY_MS;
    return rowsWaste('mails', await this.outbox.countDone(beforeMs), () => this.outbox.deleteDone(beforeMs));
  }
}
