import { z } from 'zod';
import { RUN_STATES, type RunState } from '../../../common/queue/run-state';
import type { Webhook } from '../../../common/webhooks/webhook.entity';
import { TOLD_STATES, USUAL_STATES } from '../../webhooks/webhook-making';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const time = z.iso.datetime();
const url = says(z.string().max(1000), 'apiShares.webhookUrl');
const states = z.array(z.enum(TOLD_STATES)).min(1).max(TOLD_STATES.length);

export const webhookSchema = z
  .object({
    id: z.string(),
    url,
    states: says(z.array(z.enum(RUN_STATES)), 'apiShares.webhookStates'),
    createdAt: time,
    pausedAt: time.nullable(),
    pausedWhy: says(z.string(), 'apiShares.webhookPausedWhy'),
    failingSince: says(time.nullable(), 'apiShares.webhookFailing'),
  })
  .meta({ id: 'Webhook' });
export const madeSchema = z
  .object({ webhook: webhookSchema, secret: says(z.string(), 'apiShares.webhookSecret') })
  .meta({ id: 'NewWebhook' });
export const secretSchema = z.object({ secret: says(z.string(), 'apiShares.webhookSecret') });
export const listSchema = z.object({ items: z.array(webhookSchema), next: z.null() });
export const deliveriesSchema = z.object({
  items: z.array(
    z
      .object({
        id: z.int(),
        run: z.int().nullable(),
        outcome: says(z.enum(['delivered', 'waits', 'failing', 'givenUp']), 'apiShares.deliveryOutcome'),
        status: says(z.int().nullable(), 'apiShares.deliveryStatus'),
        tookMs: z.number().nullable(),
        tries: z.int(),
        at: says(time, 'apiShares.deliveryAt'),
        nextTryAt: time.nullable(),
        error: z.string(),
      })
      .meta({ id: 'WebhookDelivery' }),
  ),
  next: z.null(),
});
export const webhookOrder = z.strictObject({ url, states: says(states.default([...USUAL_STATES]), 'apiShares.webhookStates') });
export const webhookChange = z.strictObject({
  url: says(z.string().max(1000).optional(), 'apiShares.webhookUrl'),
  states: says(states.optional(), 'apiShares.webhookStates'),
  isPaused: says(z.boolean().optional(), 'apiShares.webhookIsPaused'),
});

export type WebhookJson = z.infer<typeof webhookSchema>;

export function webhookJson({ id, url: address, states: told, createdMs, pausedMs, pausedWhy, failingMs }: Webhook): WebhookJson {
  return {
    id,
    url: address,
    states: told.split(',') as RunState[],
    createdAt: isoTime(createdMs),
    pausedAt: isoTimeOrNull(pausedMs),
    pausedWhy,
    failingSince: isoTimeOrNull(failingMs),
  };
}
