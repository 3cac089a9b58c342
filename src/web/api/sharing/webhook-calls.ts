import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { z } from 'zod';
import { NotFoundError, UnclearError } from '../../../common/errors';
import type { User } from '../../../common/users/user.entity';
import { WebhookDeliveriesRepository } from '../../../common/webhooks/webhook-deliveries.repository';
import { WebhooksRepository, type WebhookPlace } from '../../../common/webhooks/webhooks.repository';
import { doParts, tellAudit, type PartOfDeed } from '../../http/audit/deeds';
import { runNumberIn } from '../../http/ids';
import { WebhookMaking } from '../../webhooks/webhook-making';
import { deliveryLine } from '../../webhooks/webhook.view';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';
import {
  webhookJson,
  type deliveriesSchema,
  type listSchema,
  type madeSchema,
  type webhookChange,
  type WebhookJson,
  type webhookOrder,
} from './webhook-schemas';

const MOST_DELIVERIES = 200;

/** Answers programs about webhooks, whether of a project or of a pipeline. */
@Injectable()
export class WebhookCalls {
  constructor(
    private readonly making: WebhookMaking,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
  ) {}

  async list(place: WebhookPlace): Promise<z.infer<typeof listSchema>> {
    return { items: (await this.webhooks.ofPlace(place)).map(webhookJson), next: null };
  }

  async make(
    person: User,
    place: WebhookPlace,
    order: z.infer<typeof webhookOrder>,
    request: Request,
  ): Promise<z.infer<typeof madeSchema>> {
    const { id, secret } = await this.making.make(person, place, order);
    const webhook = await this.making.require(place, id);
    tellAudit(request, { details: { host: new URL(webhook.url).host } });
    return { webhook: webhookJson(webhook), secret };
  }

  async change(place: WebhookPlace, id: string, order: z.infer<typeof webhookChange>, request: Request): Promise<WebhookJson> {
    const { url, states, isPaused } = order;
    const webhook = await this.making.require(place, id);
    const entered = { url: url ?? webhook.url, states: states ?? webhook.states.split(',') };
    const parts: PartOfDeed[] = [];
    if (url !== undefined || states !== undefined)
      parts.push({ action: 'webhook.change', work: () => this.making.change(webhook, entered) });
    if (isPaused === true) parts.push({ action: 'webhook.pause', work: () => this.webhooks.pause(webhook.id) });
    if (isPaused === false) parts.push({ action: 'webhook.resume', work: () => this.webhooks.resume(webhook.id) });
    if (parts.length === 0) throw new UnclearError('api.nothingToChange');
    tellAudit(request, { parts });
    await doParts(parts);
    return webhookJson(await this.making.require(place, id));
  }

  async renewSecret(place: WebhookPlace, id: string): Promise<{ secret: string }> {
    return { secret: await this.making.renewSecret(await this.making.require(place, id)) };
  }

  async delete(place: WebhookPlace, id: string): Promise<void> {
    const webhook = await this.making.require(place, id);
    await this.webhooks.delete(place, webhook.id);
  }

  /** Undoes `delete`, for a while. */
  async restore(place: WebhookPlace, id: string): Promise<WebhookJson> {
    if (!(await this.webhooks.restore(place, id.slice(0, 36)))) throw new NotFoundError('webhooks.flashTooLate');
    return webhookJson(await this.making.require(place, id));
  }

  async ping(place: WebhookPlace, id: string): Promise<void> {
    await this.making.ping(await this.making.require(place, id));
  }

  async sent(place: WebhookPlace, id: string): Promise<z.infer<typeof deliveriesSchema>> {
    const webhook = await this.making.require(place, id);
    const items = (await this.deliveries.ofWebhook(webhook.id, MOST_DELIVERIES)).map((delivery) => {
      const { id: number, runId, outcome, status, took, tries, atMs, nextMs, error } = deliveryLine(delivery);
      const at = isoTime(atMs);
      return { id: number, run: runId, outcome, status, tookMs: took, tries, at, nextTryAt: isoTimeOrNull(nextMs), error };
    });
    return { items, next: null };
  }

  async sendAgain(place: WebhookPlace, id: string, delivery: string): Promise<void> {
    const webhook = await this.making.require(place, id);
    if (!(await this.making.sendAgain(webhook, runNumberIn(delivery)))) throw new NotFoundError('webhooks.flashNoDelivery');
  }
}
