import { Body, Controller, Get, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../common/errors';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import { WebhooksRepository } from '../../common/webhooks/webhooks.repository';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson } from '../http/access/current';
import { Audited } from '../http/audit/audited.decorator';
import { WebhookAnswers } from './webhook-answers';
import { WebhookMaking } from './webhook-making';
import { homeOfPipeline, type WebhookHome } from './webhook-place';
import { WebhookViews, type WebhookListView, type WebhookPageView } from './webhook.view';

/** Addresses that hear of all runs of a pipeline: administrators make them. */
@Controller('admin/pipelines/:pipeline/webhooks')
export class PipelineWebhooksController {
  constructor(
    private readonly answers: WebhookAnswers,
    private readonly making: WebhookMaking,
    private readonly views: WebhookViews,
    private readonly catalogue: PipelineCatalogue,
    private readonly webhooks: WebhooksRepository,
  ) {}

  @Get()
  @Access('admin')
  @Render('webhooks/index')
  async list(@Param('pipeline') pipeline: string): Promise<WebhookListView> {
    return this.views.list(await this.homeOf(pipeline));
  }

  @Post()
  @Audited('webhook.make')
  @Access('admin')
  async make(
    @CurrentPerson() person: User,
    @Param('pipeline') pipeline: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.make(await this.homeOf(pipeline), person, { form, request, response });
  }

  @Get(':webhook')
  @Access('admin')
  @Render('webhooks/webhook')
  async page(@Param('pipeline') pipeline: string, @Param('webhook') id: string): Promise<WebhookPageView> {
    const home = await this.homeOf(pipeline);
    return this.views.page(home, await this.making.require(home.place, id));
  }

  @Post(':webhook')
  @Audited('webhook.change')
  @Access('admin')
  async change(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.change(await this.homeOf(pipeline), id, { form, request, response });
  }

  @Post(':webhook/secret')
  @Audited('webhook.renew-secret')
  @Access('admin')
  async renewSecret(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.renewSecret(await this.homeOf(pipeline), id, { form, request, response });
  }

  @Post(':webhook/pause')
  @Audited('webhook.pause')
  @Access('admin')
  async pause(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.pause(await this.homeOf(pipeline), id, { form, request, response });
  }

  @Post(':webhook/resume')
  @Audited('webhook.resume')
  @Access('admin')
  async resume(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.resume(await this.homeOf(pipeline), id, { form, request, response });
  }

  @Post(':webhook/delete')
  @Audited('webhook.delete')
  @Access('admin')
  async delete(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.delete(await this.homeOf(pipeline), id, { form, request, response });
  }

  @Post(':webhook/restore')
  @Audited('webhook.restore')
  @Access('admin')
  async restore(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.restore(await this.homeOf(pipeline), id, { form, request, response });
  }

  @Post(':webhook/test')
  @Audited('webhook.test')
  @Access('admin')
  async ping(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.ping(await this.homeOf(pipeline), id, { form, request, response });
  }

  @Post(':webhook/again')
  @Audited('webhook.send-again')
  @Access('admin')
  async sendAgain(
    @Param('pipeline') pipeline: string,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.sendAgain(await this.homeOf(pipeline), id, { form, request, response });
  }

  /** Also of one that is gone: whoever made webhooks for it has to get rid of them. */
  private async homeOf(id: string): Promise<WebhookHome> {
    const found = await this.catalogue.find(id);
    if (!found && (await this.webhooks.ofPlace({ projectId: null, pipelineId: id })).length === 0)
      throw new NotFoundError('run.noSuchPipeline', { id: id.slice(0, 80) });
    return homeOfPipeline(id, found?.manifest.title ?? id);
  }
}
