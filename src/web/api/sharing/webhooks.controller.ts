import { Controller, Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { z } from 'zod';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import type { WebhookPlace } from '../../../common/webhooks/webhooks.repository';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { homeOfProject } from '../../webhooks/webhook-place';
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

/** Addresses that hear of the runs of a project, for programs of its owner. */
@Controller(`${API_ROOT}/projects/:project/webhooks`)
export class ApiWebhooksController {
  constructor(private readonly calls: WebhookCalls) {}

  @Get()
  @Api({ area: 'projects', summary: 'apiShares.listWebhooks', scope: 'read', answer: listSchema })
  @Access('projectSharer')
  list(@CurrentProject() project: Project): Promise<z.infer<typeof listSchema>> {
    return this.calls.list(placeOf(project));
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
  make(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() order: z.infer<typeof webhookOrder>,
    @Req() request: Request,
  ): Promise<z.infer<typeof madeSchema>> {
    return this.calls.make(person, placeOf(project), order, request);
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
  change(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @ApiBody() order: z.infer<typeof webhookChange>,
    @Req() request: Request,
  ): Promise<WebhookJson> {
    return this.calls.change(placeOf(project), id, order, request);
  }

  @Post(':webhook/secret')
  @Api({ area: 'projects', summary: 'apiShares.renewSecret', scope: 'share', answer: secretSchema })
  @Audited('webhook.renew-secret')
  @Access('projectSharer')
  renewSecret(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<z.infer<typeof secretSchema>> {
    return this.calls.renewSecret(placeOf(project), id);
  }

  @Delete(':webhook')
  @Api({ area: 'projects', summary: 'apiShares.deleteWebhook', scope: 'share', answer: null })
  @Audited('webhook.delete')
  @Access('projectSharer')
  async delete(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<void> {
    await this.calls.delete(placeOf(project), id);
  }

  @Post(':webhook/restore')
  @Api({ area: 'projects', summary: 'apiWork.restoreWebhook', scope: 'share', answer: webhookSchema })
  @Audited('webhook.restore')
  @Access('projectSharer')
  restore(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<WebhookJson> {
    return this.calls.restore(placeOf(project), id);
  }

  @Post(':webhook/test')
  @Api({ area: 'projects', summary: 'apiShares.testWebhook', scope: 'share', answer: null })
  @Audited('webhook.test')
  @Access('projectSharer')
  async ping(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<void> {
    await this.calls.ping(placeOf(project), id);
  }

  @Get(':webhook/deliveries')
  @Api({ area: 'projects', summary: 'apiShares.listDeliveries', scope: 'read', answer: deliveriesSchema })
  @Access('projectSharer')
  sent(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<z.infer<typeof deliveriesSchema>> {
    return this.calls.sent(placeOf(project), id);
  }

  @Post(':webhook/deliveries/:delivery/again')
  @Api({ area: 'projects', summary: 'apiShares.sendAgain', scope: 'share', answer: null })
  @Audited('webhook.send-again')
  @Access('projectSharer')
  async sendAgain(@CurrentProject() project: Project, @Param('webhook') id: string, @Param('delivery') delivery: string): Promise<void> {
    await this.calls.sendAgain(placeOf(project), id, delivery);
  }
}

function placeOf(project: Project): WebhookPlace {
  return homeOfProject(project).place;
}
