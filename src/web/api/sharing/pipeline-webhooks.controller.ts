import { Controller, Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { z } from 'zod';
import type { User } from '../../../common/users/user.entity';
import type { WebhookPlace } from '../../../common/webhooks/webhooks.repository';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { PipelineHomes } from '../../webhooks/pipeline-homes';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { WebhookCalls } from './webhook-calls';
import {
  deliveriesSchema,
  listSchema,
  madeSchema,
  secretSchema,
  webhookChange,
  webhookOrder,
  webhookSchema,
  type WebhookJson,
} from './webhook-schemas';

/** Addresses that hear of all runs of a pipeline, for programs of administrators. */
@Controller(`${API_ROOT}/admin/pipelines/:pipeline/webhooks`)
export class ApiPipelineWebhooksController {
  constructor(
    private readonly calls: WebhookCalls,
    private readonly homes: PipelineHomes,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiWork.listPipelineWebhooks', scope: 'admin', answer: listSchema })
  @Access('admin')
  async list(@Param('pipeline') pipeline: string): Promise<z.infer<typeof listSchema>> {
    return this.calls.list(await this.placeOf(pipeline));
  }

  @Post()
  @Api({
    area: 'administration',
    summary: 'apiWork.makePipelineWebhook',
    scope: 'admin',
    body: webhookOrder,
    answer: madeSchema,
    status: 201,
    example: { body: { url: 'https://hooks.lab.example.org/runs', states: ['succeeded', 'failed'] } },
  })
  @Audited('webhook.make')
  @Access('admin')
  async make(
    @CurrentPerson() person: User,
    @Param('pipeline') pipeline: string,
    @ApiBody() order: z.infer<typeof webhookOrder>,
    @Req() request: Request,
  ): Promise<z.infer<typeof madeSchema>> {
    return this.calls.make(person, await this.placeOf(pipeline), order, request);
  }

  @Patch(':webhook')
  @Api({
    area: 'administration',
    summary: 'apiShares.changeWebhook',
    scope: 'admin',
    body: webhookChange,
    answer: webhookSchema,
    example: { body: { isPaused: true } },
  })
  @Audited('webhook.change')
  @Access('admin')
  async change(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @ApiBody() order: z.infer<typeof webhookChange>,
    @Req() request: Request,
  ): Promise<WebhookJson> {
    return this.calls.change(await this.placeOf(pipeline), id, order, request);
  }

  @Post(':webhook/secret')
  @Api({ area: 'administration', summary: 'apiShares.renewSecret', scope: 'admin', answer: secretSchema })
  @Audited('webhook.renew-secret')
  @Access('admin')
  async renewSecret(@Param('pipeline') pipeline: string, @Param('webhook') id: string): Promise<z.infer<typeof secretSchema>> {
    return this.calls.renewSecret(await this.placeOf(pipeline), id);
  }

  @Delete(':webhook')
  @Api({ area: 'administration', summary: 'apiShares.deleteWebhook', scope: 'admin', answer: null })
  @Audited('webhook.delete')
  @Access('admin')
  async delete(@Param('pipeline') pipeline: string, @Param('webhook') id: string): Promise<void> {
    await this.calls.delete(await this.placeOf(pipeline), id);
  }

  @Post(':webhook/restore')
  @Api({ area: 'administration', summary: 'apiWork.restoreWebhook', scope: 'admin', answer: webhookSchema })
  @Audited('webhook.restore')
  @Access('admin')
  async restore(@Param('pipeline') pipeline: string, @Param('webhook') id: string): Promise<WebhookJson> {
    return this.calls.restore(await this.placeOf(pipeline), id);
  }

  @Post(':webhook/test')
  @Api({ area: 'administration', summary: 'apiShares.testWebhook', scope: 'admin', answer: null })
  @Audited('webhook.test')
  @Access('admin')
  async ping(@Param('pipeline') pipeline: string, @Param('webhook') id: string): Promise<void> {
    await this.calls.ping(await this.placeOf(pipeline), id);
  }

  @Get(':webhook/deliveries')
  @Api({ area: 'administration', summary: 'apiShares.listDeliveries', scope: 'admin', answer: deliveriesSchema })
  @Access('admin')
  async sent(@Param('pipeline') pipeline: string, @Param('webhook') id: string): Promise<z.infer<typeof deliveriesSchema>> {
    return this.calls.sent(await this.placeOf(pipeline), id);
  }

  @Post(':webhook/deliveries/:delivery/again')
  @Api({ area: 'administration', summary: 'apiShares.sendAgain', scope: 'admin', answer: null })
  @Audited('webhook.send-again')
  @Access('admin')
  async sendAgain(@Param('pipeline') pipeline: string, @Param('webhook') id: string, @Param('delivery') delivery: string): Promise<void> {
    await this.calls.sendAgain(await this.placeOf(pipeline), id, delivery);
  }

  private async placeOf(pipeline: string): Promise<WebhookPlace> {
    return (await this.homes.require(pipeline)).place;
  }
}
