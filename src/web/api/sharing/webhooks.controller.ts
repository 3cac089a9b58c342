import { Controller, Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { NotFoundError, UnclearError } from '../../../common/errors';
import type { Project } from '../../../common/projects/project.entity';
import { RUN_STATES, type RunState } from '../../../common/queue/run-state';
import type { User } from '../../../common/users/user.entity';
import { WebhookDeliveriesRepository } from '../../../common/webhooks/webhook-deliveries.repository';
import type { Webhook } from '../../../common/webhooks/webhook.entity';
import { WebhooksRepository } from '../../../common/webhooks/webhooks.repository';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { doParts, tellAudit, type PartOfDeed } from '../../http/audit/deeds';
import { runNumberIn } from '../../http/ids';
import { TOLD_STATES, USUAL_STATES, WebhookMaking } from '../../webhooks/webhook-making';
import { homeOfProject } from '../../webhooks/webhook-place';
import { deliveryLine } from '../../webhooks/webhook.view';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const MOST_DELIVERIES = 200;
const time = z.iso.datetime();
const url = says(z.string().max(1000), 'apiShares.webhookUrl');
const states = z.array(z.enum(TOLD_STATES)).min(1).max(TOLD_STATES.length);

const webhookSchema = z
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
const madeSchema = z.object({ webhook: webhookSchema, secret: says(z.string(), 'apiShares.webhookSecret') }).meta({ id: 'NewWebhook' });
const secretSchema = z.object({ secret: says(z.string(), 'apiShares.webhookSecret') });
const listSchema = z.object({ items: z.array(webhookSchema), next: z.null() });
const deliveriesSchema = z.object({
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
const webhookOrder = z.strictObject({ url, states: says(states.default([...USUAL_STATES]), 'apiShares.webhookStates') });
const webhookChange = z.strictObject({
  url: says(z.string().max(1000).optional(), 'apiShares.webhookUrl'),
  states: says(states.optional(), 'apiShares.webhookStates'),
  isPaused: says(z.boolean().optional(), 'apiShares.webhookIsPaused'),
});

type WebhookJson = z.infer<typeof webhookSchema>;

/** Addresses that hear of the runs of a project, for programs of its owner. */
@Controller(`${API_ROOT}/projects/:project/webhooks`)
export class ApiWebhooksController {
  constructor(
    private readonly making: WebhookMaking,
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
  ) {}

  @Get()
  @Api({ area: 'projects', summary: 'apiShares.listWebhooks', scope: 'read', answer: listSchema })
  @Access('projectSharer')
  async list(@CurrentProject() project: Project): Promise<z.infer<typeof listSchema>> {
    return { items: (await this.webhooks.ofPlace(homeOfProject(project).place)).map(webhookJson), next: null };
  }

  @Post()
  @Api({
    area: 'projects',
    summary: 'apiShares.makeWebhook',
    scope: 'share',
    body: webhookOrder,
    answer: madeSchema,
    status: 201,
    example: { body: { url: 'https://hooks.lab.example.org/runs', states: ['succeeded', 'failed'] } },
  })
  @Audited('webhook.make')
  @Access('projectSharer')
  async make(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() order: z.infer<typeof webhookOrder>,
    @Req() request: Request,
  ): Promise<z.infer<typeof madeSchema>> {
    const { id, secret } = await this.making.make(person, homeOfProject(project).place, order);
    const webhook = await this.require(project, id);
    tellAudit(request, { details: { host: new URL(webhook.url).host } });
    return { webhook: webhookJson(webhook), secret };
  }

  @Patch(':webhook')
  @Api({
    area: 'projects',
    summary: 'apiShares.changeWebhook',
    scope: 'share',
    body: webhookChange,
    answer: webhookSchema,
    example: { body: { isPaused: true } },
  })
  @Audited('webhook.change')
  @Access('projectSharer')
  async change(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @ApiBody() { url: address, states: told, isPaused }: z.infer<typeof webhookChange>,
    @Req() request: Request,
  ): Promise<WebhookJson> {
    const webhook = await this.require(project, id);
    const entered = { url: address ?? webhook.url, states: told ?? webhook.states.split(',') };
    const parts: PartOfDeed[] = [];
    if (address !== undefined || told !== undefined)
      parts.push({ action: 'webhook.change', work: () => this.making.change(webhook, entered) });
    if (isPaused === true) parts.push({ action: 'webhook.pause', work: () => this.webhooks.pause(webhook.id) });
    if (isPaused === false) parts.push({ action: 'webhook.resume', work: () => this.webhooks.resume(webhook.id) });
    if (parts.length === 0) throw new UnclearError('api.nothingToChange');
    tellAudit(request, { parts });
    await doParts(parts);
    return webhookJson(await this.require(project, id));
  }

  @Post(':webhook/secret')
  @Api({ area: 'projects', summary: 'apiShares.renewSecret', scope: 'share', answer: secretSchema })
  @Audited('webhook.renew-secret')
  @Access('projectSharer')
  async renewSecret(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<z.infer<typeof secretSchema>> {
    return { secret: await this.making.renewSecret(await this.require(project, id)) };
  }

  @Delete(':webhook')
  @Api({ area: 'projects', summary: 'apiShares.deleteWebhook', scope: 'share', answer: null })
  @Audited('webhook.delete')
  @Access('projectSharer')
  async delete(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<void> {
    const webhook = await this.require(project, id);
    await this.webhooks.delete(homeOfProject(project).place, webhook.id);
  }

  @Post(':webhook/test')
  @Api({ area: 'projects', summary: 'apiShares.testWebhook', scope: 'share', answer: null })
  @Audited('webhook.test')
  @Access('projectSharer')
  async ping(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<void> {
    await this.making.ping(await this.require(project, id));
  }

  @Get(':webhook/deliveries')
  @Api({ area: 'projects', summary: 'apiShares.listDeliveries', scope: 'read', answer: deliveriesSchema })
  @Access('projectSharer')
  async sent(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<z.infer<typeof deliveriesSchema>> {
    const webhook = await this.require(project, id);
    const items = (await this.deliveries.ofWebhook(webhook.id, MOST_DELIVERIES)).map((delivery) => {
      const { id: number, runId, outcome, status, took, tries, atMs, nextMs, error } = deliveryLine(delivery);
      return {
        id: number,
        run: runId,
        outcome,
        status,
        tookMs: took,
        tries,
        at: isoTime(atMs),
        nextTryAt: isoTimeOrNull(nextMs),
        error,
      };
    });
    return { items, next: null };
  }

  @Post(':webhook/deliveries/:delivery/again')
  @Api({ area: 'projects', summary: 'apiShares.sendAgain', scope: 'share', answer: null })
  @Audited('webhook.send-again')
  @Access('projectSharer')
  async sendAgain(@CurrentProject() project: Project, @Param('webhook') id: string, @Param('delivery') delivery: string): Promise<void> {
    const webhook = await this.require(project, id);
    if (!(await this.making.sendAgain(webhook, runNumberIn(delivery)))) throw new NotFoundError('webhooks.flashNoDelivery');
  }

  private require(project: Project, id: string): Promise<Webhook> {
    return this.making.require(homeOfProject(project).place, id);
  }
}

function webhookJson({ id, url: address, states: told, createdMs, pausedMs, pausedWhy, failingMs }: Webhook): WebhookJson {
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
