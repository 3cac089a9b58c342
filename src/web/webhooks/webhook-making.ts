import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InvalidInputError, LimitError, NotFoundError } from '../../common/errors';
import { QueueStore } from '../../common/queue/queue-store';
import { FINAL_STATES, RUN_STATES, type RunState } from '../../common/queue/run-state';
import { AppConfig } from '../../common/config/app-config';
import type { User } from '../../common/users/user.entity';
import { pingPayload } from '../../common/webhooks/webhook-payload';
import { newSecret } from '../../common/webhooks/webhook-signature';
import { WebhookTransport } from '../../common/webhooks/webhook-transport';
import { WebhookDeliveriesRepository } from '../../common/webhooks/webhook-deliveries.repository';
import { WebhooksRepository, type WebhookPlace } from '../../common/webhooks/webhooks.repository';
import type { Webhook } from '../../common/webhooks/webhook.entity';
import { isUuid } from '../http/ids';

/** States that somebody may want to hear of, in the order in which a run goes through them. */
export const TOLD_STATES: readonly RunState[] = RUN_STATES.filter(
  (state) => state !== 'scheduled' && state !== 'starting' && state !== 'stopping',
);
export const USUAL_STATES: readonly RunState[] = FINAL_STATES;

/** What was typed. */
export interface EnteredWebhook {
  url: string;
  states: readonly string[];
}

const MOST_PER_PLACE = 20;

/** Makes, changes and tries webhooks. */
@Injectable()
export class WebhookMaking {
  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly transport: WebhookTransport,
    private readonly store: QueueStore,
    private readonly config: AppConfig,
  ) {}

  /**
   * @returns its id, and the secret, which nobody is shown again.
   * @throws InvalidInputError for `url` or `states`; LimitError where there are too many.
   */
  async make(person: User, place: WebhookPlace, entered: EnteredWebhook): Promise<{ id: string; secret: string }> {
    const checked = await this.check(entered);
    if ((await this.webhooks.ofPlace(place)).length >= MOST_PER_PLACE) throw new LimitError('webhooks.tooMany', { most: MOST_PER_PLACE });
    const [id, secret] = [randomUUID(), newSecret()];
    await this.webhooks.add({ id, ownerId: person.id, secret, ...checked, ...place });
    return { id, secret };
  }

  /** @throws as `make`. */
  async change({ id, url }: Webhook, entered: EnteredWebhook): Promise<void> {
    const checked = await this.check(entered);
    await this.webhooks.change(id, checked.url === url ? { states: checked.states } : checked);
  }

  /** Takes the place of the one before at once. @returns it. */
  async renewSecret({ id }: Webhook): Promise<string> {
    const secret = newSecret();
    await this.webhooks.change(id, { secret });
    return secret;
  }

  /** A message that shows whether messages arrive. */
  async ping({ id }: Webhook): Promise<void> {
    const payload = pingPayload(await this.store.nowMs(), this.config.publicUrl);
    await this.webhooks.endRest(id);
    await this.deliveries.write({ webhookId: id, eventId: null, runId: null, payload });
  }

  /** @returns whether there is such a message. */
  async sendAgain({ id }: Webhook, delivery: number | null): Promise<boolean> {
    if (delivery === null || !(await this.deliveries.sendAgain(id, delivery))) return false;
    await this.webhooks.endRest(id);
    return true;
  }

  /** @throws NotFoundError where there is none. */
  async require(place: WebhookPlace, id: string): Promise<Webhook> {
    const webhook = isUuid(id) ? await this.webhooks.find(place, id) : null;
    if (!webhook) throw new NotFoundError('webhooks.noSuch');
    return webhook;
  }

  private async check({ url, states }: EnteredWebhook): Promise<Pick<Webhook, 'url' | 'states'>> {
    const chosen = TOLD_STATES.filter((state) => states.includes(state));
    const checked = await this.transport.check(url);
    if (chosen.length === 0) throw new InvalidInputError('webhooks.noState', {}, 'states');
    return { url: checked, states: chosen.join(',') };
  }
}
