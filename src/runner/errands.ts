import { Injectable } from '@nestjs/common';
import { MailLoop } from '../common/mail/mail-loop';
import { QueueStore, type Glance } from '../common/queue/queue-store';
import { LinkLoop } from './link-loop';

/** A mail server that is away leaves mails due; they need not be looked at with every look. */
const MAIL_EVERY_MS = 5000;

/** What a look at the queue may ask for beside runs: whose time has come, and mails. */
@Injectable()
export class Errands {
  private mailMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: QueueStore,
    private readonly links: LinkLoop,
    private readonly mails: MailLoop,
  ) {}

  /** Queues what is due, and has it decided about runs that waited for another one. */
  async release(): Promise<void> {
    this.links.wake();
    await this.store.releaseDue();
  }

  wakeMails({ mail }: Glance): void {
    if (!mail || performance.now() - this.mailMs < MAIL_EVERY_MS) return;
    this.mailMs = performance.now();
    this.mails.wake();
  }
}
