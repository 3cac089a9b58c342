import { Injectable } from '@nestjs/common';
import { WebhookDeliveriesRepository } from '../../common/webhooks/webhook-deliveries.repository';
import { NEVER_MS } from '../../common/database/never';
import { WebhooksRepository } from '../../common/webhooks/webhooks.repository';
import type { Webhook, WebhookDelivery } from '../../common/webhooks/webhook.entity';
import { noteInWords } from '../../common/queue/note-words';
import { text } from '../../locales/text';
import type { FormErrors } from '../http/form';
import { stateWord } from '../views/elements';
import type { RunState } from '../../common/queue/run-state';
import { TOLD_STATES, USUAL_STATES, type EnteredWebhook } from './webhook-making';
import type { WebhookHome } from './webhook-place';

/** A message, for the log of deliveries. */
export interface DeliveryLine {
  id: number;
  kind: string;
  runId: number | null;
  outcome: 'delivered' | 'waits' | 'failing' | 'givenUp';
  status: number | null;
  /** Milliseconds. */
  took: number | null;
  tries: number;
  atMs: number;
  /** Of the next try; null where there is none. */
  nextMs: number | null;
  error: string;
}

export interface WebhookLine {
  id: string;
  url: string;
  /** Words of the states, in one line. */
  states: string;
  isPaused: boolean;
  pausedMs: number | null;
  /** Why it was paused by itself; '' where a person paused it. */
  pausedWhy: string;
  failingMs: number | null;
  last: DeliveryLine | null;
}

interface Shared extends Pick<WebhookHome, 'project' | 'pipeline' | 'path'> {
  title: string;
  /** What was entered. */
  url: string;
  states: { value: string; word: string; isChosen: boolean }[];
  errors: FormErrors;
  /** Shown this once; null where none was made just now. */
  secret: string | null;
}

/** What `views/webhooks/index.hbs` shows. */
export interface WebhookListView extends Shared {
  webhooks: WebhookLine[];
}

/** What `views/webhooks/webhook.hbs` shows. */
export interface WebhookPageView extends Shared {
  webhook: WebhookLine;
  /** The latest first. */
  deliveries: DeliveryLine[];
}

const SHOWN = 50;

/** The pages of the webhooks of a project or a pipeline. */
@Injectable()
export class WebhookViews {
  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
  ) {}

  async list(home: WebhookHome, entered: Partial<EnteredWebhook> = {}, errors: FormErrors = {}): Promise<WebhookListView> {
    const webhooks = await this.webhooks.ofPlace(home.place);
    const lines = webhooks.map(async (webhook) => lineOf(webhook, await this.deliveries.latestOf(webhook.id)));
    return {
      ...shared(home, text('webhooks.title'), { url: '', states: USUAL_STATES, ...entered }, errors),
      webhooks: await Promise.all(lines),
    };
  }

  /** @param shown what is shown beside it: a form that was refused, or a secret that was made. */
  async page(
    home: WebhookHome,
    webhook: Webhook,
    shown: { entered?: EnteredWebhook; errors?: FormErrors; secret?: string } = {},
  ): Promise<WebhookPageView> {
    const { entered = { url: webhook.url, states: webhook.states.split(',') }, errors = {}, secret = null } = shown;
    const deliveries = await this.deliveries.ofWebhook(webhook.id, SHOWN);
    return {
      ...shared(home, new URL(webhook.url).host, entered, errors),
      secret,
      webhook: lineOf(webhook, deliveries[0] ?? null),
      deliveries: deliveries.map(deliveryLine),
    };
  }
}

function shared({ project, pipeline, path }: WebhookHome, title: string, { url, states }: EnteredWebhook, errors: FormErrors): Shared {
  const choices = TOLD_STATES.map((value) => ({ value, word: stateWord(value), isChosen: states.includes(value) }));
  return { title, project, pipeline, path, url, states: choices, errors, secret: null };
}

function lineOf(webhook: Webhook, last: WebhookDelivery | null): WebhookLine {
  const { id, url, states, pausedMs, pausedWhy, failingMs } = webhook;
  const words = states.split(',').map((state) => stateWord(state as RunState));
  return {
    id,
    url,
    states: words.join(' · '),
    isPaused: pausedMs !== null,
    pausedMs,
    pausedWhy: pausedWhy && noteInWords(pausedWhy),
    failingMs,
    last: last && deliveryLine(last),
  };
}

export function deliveryLine(delivery: WebhookDelivery): DeliveryLine {
  const { id, kind, runId, status, tookMs, tries, createdMs, triedMs, nextTryMs, deliveredMs, lastError } = delivery;
  const outcome = outcomeOf(delivery);
  return {
    id,
    kind,
    runId,
    outcome,
    status,
    took: tookMs,
    tries,
    atMs: deliveredMs ?? triedMs ?? createdMs,
    nextMs: outcome === 'failing' ? nextTryMs : null,
    error: noteInWords(lastError),
  };
}

function outcomeOf({ deliveredMs, nextTryMs, lastError }: WebhookDelivery): DeliveryLine['outcome'] {
  if (deliveredMs !== null) return 'delivered';
  if (nextTryMs >= NEVER_MS) return 'givenUp';
  return lastError === null ? 'waits' : 'failing';
}
