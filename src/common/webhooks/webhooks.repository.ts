import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Not, type FindOptionsWhere, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { UNDO_MS } from '../undo-time';
import { Webhook } from './webhook.entity';

/** Whose runs it is about. */
export type WebhookPlace = { projectId: string; pipelineId: null } | { projectId: null; pipelineId: string };
export type NewWebhook = Pick<Webhook, 'id' | 'ownerId' | 'url' | 'secret' | 'states'> & WebhookPlace;

const MOST_WHY = 300;

/** The rows of webhooks. */
@Injectable()
export class WebhooksRepository {
  private readonly now: string;

  constructor(@InjectRepository(Webhook) private readonly webhooks: Repository<Webhook>) {
    this.now = NOW_MS[dialectOf(webhooks.manager.connection.options)];
  }

  async add(webhook: NewWebhook): Promise<void> {
    const fresh = { failures: 0, failingMs: null, restUntilMs: 0, pausedMs: null, pausedWhy: '', deletedMs: null };
    const values = { ...webhook, ...fresh, createdMs: () => this.now };
    await repeatWhileBusy(() =>
      this.webhooks
        .createQueryBuilder()
        .insert()
        .values(values as object)
        .execute(),
    );
  }

  /** Those that want to hear of anything: few, and read for each batch of events. */
  active(): Promise<Webhook[]> {
    return this.webhooks.findBy({ pausedMs: IsNull(), deletedMs: IsNull() });
  }

  /** By age. */
  ofPlace(place: WebhookPlace): Promise<Webhook[]> {
    return this.webhooks.find({ where: whereOf(place), order: { createdMs: 'ASC', id: 'ASC' } });
  }

  /** All that somebody made for their projects. */
  ofOwner(ownerId: string): Promise<Webhook[]> {
    return this.webhooks.findBy({ ownerId, deletedMs: IsNull(), projectId: Not(IsNull()) });
  }

  find(place: WebhookPlace, id: string): Promise<Webhook | null> {
    return this.webhooks.findOneBy({ ...whereOf(place), id });
  }

  async change(id: string, change: Partial<Pick<Webhook, 'url' | 'states' | 'secret'>>): Promise<void> {
    // Another address has not failed yet.
    const fresh = change.url === undefined ? {} : { failures: 0, failingMs: null, restUntilMs: 0 };
    await repeatWhileBusy(() => this.webhooks.update({ id }, { ...change, ...fresh }));
  }

  /** @param why the last failure; '' where a person wants it so. @returns false where it was paused already. */
  async pause(id: string, why = ''): Promise<boolean> {
    const change = { pausedMs: () => this.now, pausedWhy: why.slice(0, MOST_WHY) };
    const { affected } = await repeatWhileBusy(() => this.webhooks.update({ id, pausedMs: IsNull() }, change));
    return (affected ?? 0) > 0;
  }

  /** @returns false where it was not paused. */
  async resume(id: string): Promise<boolean> {
    const change = { pausedMs: null, pausedWhy: '', failures: 0, failingMs: null, restUntilMs: 0 };
    const { affected } = await repeatWhileBusy(() => this.webhooks.update({ id, pausedMs: Not(IsNull()) }, change));
    return (affected ?? 0) > 0;
  }

  /** With the end of an account: whoever comes back finds them paused. */
  async pauseAllOf(ownerId: string): Promise<void> {
    const where = { ownerId, pausedMs: IsNull(), projectId: Not(IsNull()) };
    await repeatWhileBusy(() => this.webhooks.update(where, { pausedMs: () => this.now }));
  }

  existActiveOf(ownerId: string): Promise<boolean> {
    return this.webhooks.existsBy({ ownerId, pausedMs: IsNull(), deletedMs: IsNull(), projectId: Not(IsNull()) });
  }

  /** @returns whether there was one. */
  async delete(place: WebhookPlace, id: string): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.webhooks.update({ ...whereOf(place), id }, { deletedMs: () => this.now }));
    return (affected ?? 0) > 0;
  }

  /** Brings one back that was deleted a short while ago. @returns whether it is there now. */
  async restore(place: WebhookPlace, id: string): Promise<boolean> {
    const where = { projectId: place.projectId ?? IsNull(), pipelineId: place.pipelineId ?? IsNull(), id };
    const update = this.webhooks.createQueryBuilder().update().set({ deletedMs: null }).where(where);
    await repeatWhileBusy(() => update.andWhere(`deleted_ms > ${this.now} - ${UNDO_MS}`).execute());
    return (await this.find(place, id)) !== null;
  }

  /** An answer said yes. */
  async noteSuccess(id: string): Promise<void> {
    await repeatWhileBusy(() => this.webhooks.update({ id, failures: Not(0) }, { failures: 0, failingMs: null, restUntilMs: 0 }));
  }

  /** @param seconds until which nothing is sent there. @returns how long it has been failing, in milliseconds. */
  async noteFailure(id: string, seconds: number): Promise<number> {
    const change = {
      failures: () => 'failures + 1',
      failingMs: () => `COALESCE(failing_ms, ${this.now})`,
      restUntilMs: () => `${this.now} + ${Math.round(seconds * 1000)}`,
    };
    await repeatWhileBusy(() => this.webhooks.update({ id }, change));
    const [row] = await this.webhooks.query<{ ms: number | string | null }[]>(
      `SELECT ${this.now} - failing_ms AS ms FROM webhooks WHERE id = ?`,
      [id],
    );
    return Number(row?.ms ?? 0);
  }

  /** Somebody wants to see at once whether it works. */
  async endRest(id: string): Promise<void> {
    await repeatWhileBusy(() => this.webhooks.update({ id }, { restUntilMs: 0 }));
  }

  /** Of projects, and people with projects, that are gone, and those that were deleted. */
  async useless(): Promise<string[]> {
    const rows = await this.webhooks.query<{ id: string }[]>(
      `SELECT w.id AS id FROM webhooks w WHERE w.deleted_ms <= ${this.now} - ${UNDO_MS}
       OR (w.project_id IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM users u WHERE u.id = w.owner_id)
         OR NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = w.project_id)))`,
    );
    return rows.map(({ id }) => id);
  }

  async deleteAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) await repeatWhileBusy(() => this.webhooks.delete({ id }));
  }
}

function whereOf({ projectId, pipelineId }: WebhookPlace): FindOptionsWhere<Webhook> {
  return { projectId: projectId ?? IsNull(), pipelineId: pipelineId ?? IsNull(), deletedMs: IsNull() };
}
