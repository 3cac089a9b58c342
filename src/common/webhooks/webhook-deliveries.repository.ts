import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, LessThan, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { NEVER_MS } from '../database/never';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import type { WebhookPayload } from './webhook-payload';
import { Webhook, WebhookDelivery } from './webhook.entity';

/** A message as it is written down. */
export interface NewDelivery {
  webhookId: string;
  /** Null for one that only tries the address. */
  eventId: number | null;
  runId: number | null;
  payload: WebhookPayload;
}

/** A try that nobody else is making: `tries` stands in the WHERE of what is written about it. */
export type DeliveryClaim = Pick<WebhookDelivery, 'id' | 'tries'>;

/** A message that is due, and where it goes. */
export interface DueDelivery {
  delivery: WebhookDelivery;
  webhook: Webhook;
}

const MOST_ERROR = 500;

/** The messages to webhooks: written with what they tell of, sent by whoever has time, as mails are (see `OutboxRepository`). */
@Injectable()
export class WebhookDeliveriesRepository {
  private readonly now: string;

  constructor(
    @InjectRepository(WebhookDelivery) private readonly deliveries: Repository<WebhookDelivery>,
    @InjectRepository(Webhook) private readonly webhooks: Repository<Webhook>,
  ) {
    this.now = NOW_MS[dialectOf(deliveries.manager.connection.options)];
  }

  /** Writes a message once: the unique index on webhook and event turns a repetition into nothing. */
  async write({ webhookId, eventId, runId, payload }: NewDelivery): Promise<void> {
    const values = {
      webhookId,
      eventId,
      runId,
      messageId: randomUUID(),
      kind: payload.type,
      body: JSON.stringify(payload),
      createdMs: () => this.now,
      nextTryMs: () => this.now,
      tries: 0,
      triedMs: null,
      deliveredMs: null,
      status: null,
      tookMs: null,
      lastError: null,
    };
    await repeatWhileBusy(() => this.deliveries.createQueryBuilder().insert().values(values).orIgnore().execute());
  }

  /** The oldest first; none to addresses that are paused, or rest after a failure. */
  async findDue(limit: number): Promise<DueDelivery[]> {
    const due = await this.deliveries
      .createQueryBuilder('d')
      .innerJoin(Webhook, 'w', 'w.id = d.webhook_id AND w.paused_ms IS NULL AND w.deleted_ms IS NULL')
      .where(`d.delivered_ms IS NULL AND d.next_try_ms <= ${this.now} AND w.rest_until_ms <= ${this.now}`)
      .orderBy('d.next_try_ms')
      .addOrderBy('d.id')
      .limit(limit)
      .getMany();
    if (due.length === 0) return [];
    const hooks = await this.webhooks.findBy({ id: In([...new Set(due.map(({ webhookId }) => webhookId))]) });
    const known = new Map(hooks.map((one) => [one.id, one]));
    return due.flatMap((delivery) => {
      const webhook = known.get(delivery.webhookId);
      return webhook ? [{ delivery, webhook }] : [];
    });
  }

  /** Takes one try for this process; if it dies, the message is due again after `leaseSeconds`. @returns null when another one was quicker. */
  async claim({ id, tries }: DeliveryClaim, leaseSeconds: number): Promise<DeliveryClaim | null> {
    const change = { tries: () => 'tries + 1', triedMs: () => this.now, nextTryMs: () => this.later(leaseSeconds) };
    return (await this.changeIf({ id, tries }, change)) ? { id, tries: tries + 1 } : null;
  }

  async markDelivered(claim: DeliveryClaim, { status, tookMs }: { status: number; tookMs: number }): Promise<void> {
    await this.changeIf(claim, { deliveredMs: () => this.now, status, tookMs, lastError: null });
  }

  /**
   * Writes down why a try failed and when the next one is.
   * @param patienceSeconds age at which a message that still fails is given up.
   */
  async postpone(
    claim: DeliveryClaim,
    seconds: number,
    patienceSeconds: number,
    failure: { status: number | null; tookMs: number | null; reason: string },
  ): Promise<void> {
    const { status, tookMs, reason } = failure;
    const nextTryMs = () =>
      `CASE WHEN created_ms + ${patienceSeconds * 1000} < ${this.now} THEN ${NEVER_MS} ELSE ${this.later(seconds)} END`;
    await this.changeIf(claim, { nextTryMs, status, tookMs, lastError: reason.slice(0, MOST_ERROR) });
  }

  /** The latest first. */
  ofWebhook(webhookId: string, limit: number): Promise<WebhookDelivery[]> {
    return this.deliveries.find({ where: { webhookId }, order: { id: 'DESC' }, take: limit });
  }

  /** The latest of one. */
  async latestOf(webhookId: string): Promise<WebhookDelivery | null> {
    return (await this.ofWebhook(webhookId, 1))[0] ?? null;
  }

  /** Sends it again, under the same id, by which a receiver that has it drops it. @returns whether there is such a message. */
  async sendAgain(webhookId: string, id: number): Promise<boolean> {
    const change = { deliveredMs: null, nextTryMs: () => this.now, createdMs: () => this.now, status: null, tookMs: null, lastError: null };
    const { affected } = await repeatWhileBusy(() => this.deliveries.update({ webhookId, id }, change));
    return (affected ?? 0) > 0;
  }

  /** Those of the past, and those of addresses that are gone. */
  async countOld(beforeMs: number): Promise<number> {
    const [old, lost] = await Promise.all([
      this.deliveries.countBy({ createdMs: LessThan(beforeMs) }),
      this.deliveries.createQueryBuilder('webhook_deliveries').where(WITHOUT_WEBHOOK).getCount(),
    ]);
    return old + lost;
  }

  async deleteOld(beforeMs: number): Promise<void> {
    await repeatWhileBusy(() => this.deliveries.delete({ createdMs: LessThan(beforeMs) }));
    await repeatWhileBusy(() => this.deliveries.createQueryBuilder().delete().where(WITHOUT_WEBHOOK).execute());
  }

  private async changeIf({ id, tries }: DeliveryClaim, change: Parameters<Repository<WebhookDelivery>['update']>[1]): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.deliveries.update({ id, tries, deliveredMs: IsNull() }, change));
    return (affected ?? 0) > 0;
  }

  private later(seconds: number): string {
    return `${this.now} + ${Math.round(seconds * 1000)}`;
  }
}

const WITHOUT_WEBHOOK = 'NOT EXISTS (SELECT 1 FROM webhooks WHERE webhooks.id = webhook_deliveries.webhook_id)';
