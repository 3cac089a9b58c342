import { Injectable, Logger } from '@nestjs/common';
import { pauseAfter } from '../../common/retry-pause';
import { signatureOf } from '../../common/webhooks/webhook-signature';
import { LONGEST_TRY_SECONDS, WebhookTransport } from '../../common/webhooks/webhook-transport';
import { WebhookDeliveriesRepository, type DeliveryClaim, type DueDelivery } from '../../common/webhooks/webhook-deliveries.repository';
import { WebhooksRepository } from '../../common/webhooks/webhooks.repository';
import type { Webhook, WebhookDelivery } from '../../common/webhooks/webhook.entity';
import { WebhookMails } from './webhook-mails';

const PATIENCE_SECONDS = 3 * 86_400;
const LEASE_SECONDS = LONGEST_TRY_SECONDS + 20;
const AT_ONCE = 50;

/** Sends what is due. Any number of processes may do this at the same time; each try is made by one of them. */
@Injectable()
export class WebhookDispatcher {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly transport: WebhookTransport,
    private readonly mails: WebhookMails,
  ) {}

  /**
   * To each address one message after the other, to all addresses at the same time: one that is slow holds up nobody else.
   * @param mayGoOn is asked before each message. @returns how many were tried.
   */
  async work(mayGoOn: () => boolean = () => true): Promise<number> {
    const lines = new Map<string, DueDelivery[]>();
    for (const due of await this.deliveries.findDue(AT_ONCE)) lines.set(due.webhook.id, [...(lines.get(due.webhook.id) ?? []), due]);
    const counts = await Promise.all([...lines.values()].map((line) => this.workOff(line, mayGoOn)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** After a failure the address rests, and the others wait with it. */
  private async workOff(line: readonly DueDelivery[], mayGoOn: () => boolean): Promise<number> {
    let count = 0;
    for (const { delivery, webhook } of line) {
      if (!mayGoOn()) break;
      const claim = await this.deliveries.claim(delivery, LEASE_SECONDS);
      if (!claim) continue;
      count += 1;
      if (!(await this.send(delivery, webhook, claim))) break;
    }
    return count;
  }

  private async send({ messageId, body }: WebhookDelivery, webhook: Webhook, claim: DeliveryClaim): Promise<boolean> {
    const begin = performance.now();
    try {
      const answer = await this.transport.send(webhook.url, headersFor(webhook, messageId, body), body);
      if (answer.status >= 200 && answer.status < 300) {
        await this.deliveries.markDelivered(claim, answer);
        await this.webhooks.noteSuccess(webhook.id);
        return true;
      }
      await this.putOff(webhook, claim, { ...answer, reason: reasonOf(answer.status) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      await this.putOff(webhook, claim, { status: null, tookMs: Math.round(performance.now() - begin), reason });
    }
    return false;
  }

  private async putOff(
    webhook: Webhook,
    claim: DeliveryClaim,
    failure: { status: number | null; tookMs: number; reason: string },
  ): Promise<void> {
    await this.deliveries.postpone(claim, pauseAfter(claim.tries), PATIENCE_SECONDS, failure);
    const failingMs = await this.webhooks.noteFailure(webhook.id, pauseAfter(webhook.failures + 1));
    this.logger.warn(`Webhook ${webhook.id} was not reached (${failure.reason}).`);
    if (failingMs < PATIENCE_SECONDS * 1000 || !(await this.webhooks.pause(webhook.id, failure.reason))) return;
    this.logger.error(`Webhook ${webhook.id} is paused: it has failed for three days.`);
    await this.mails.paused(webhook, failure.reason);
  }
}

function headersFor({ secret }: Webhook, id: string, body: string): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000);
  return {
    'content-type': 'application/json',
    'user-agent': 'Showrunner-Webhook',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureOf(secret, { id, timestamp, body }),
  };
}

function reasonOf(status: number): string {
  return status >= 300 && status < 400 ? `The answer ${status} leads elsewhere, and nothing is sent there.` : `The answer was ${status}.`;
}
