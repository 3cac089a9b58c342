import { Body, Controller, Get, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson } from '../http/access/current';
import { Audited } from '../http/audit/audited.decorator';
import { PipelineHomes } from './pipeline-homes';
import { WebhookAnswers } from './webhook-answers';
import { WebhookMaking } from './webhook-making';
import { WebhookViews, type WebhookListView, type WebhookPageView } from './webhook.view';

/** Addresses that hear of all runs of a pipeline: administrators make them. */
@Controller('admin/pipelines/:pipeline/webhooks')
export class PipelineWebhooksController {
  constructor(
    private readonly answers: WebhookAnswers,
    private readonly making: WebhookMaking,
    private readonly views: WebhookViews,
    private readonly homes: PipelineHomes,
  ) {}

  @Get()
  @Access('admin')
  @Render('webhooks/index')
  async list(@Param('pipeline') pipeline: string): Promise<WebhookListView> {
    return this.views.list(await this.homes.require(pipeline));
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
    await this.answers.make(await this.homes.require(pipeline), person, { form, request, response });
  }

  @Get(':webhook')
  @Access('admin')
  @Render('webhooks/webhook')
  async page(@Param('pipeline') pipeline: string, @Param('webhook') id: string): Promise<WebhookPageView> {
    const home = await this.homes.require(pipeline);
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
    await this.answers.change(await this.homes.require(pipeline), id, { form, request, response });
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
    await this.answers.renewSecret(await this.homes.require(pipeline), id, { form, request, response });
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
    await this.answers.pause(await this.homes.require(pipeline), id, { form, request, response });
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
    await this.answers.resume(await this.homes.require(pipeline), id, { form, request, response });
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
    await this.answers.delete(await this.homes.require(pipeline), id, { form, request, response });
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
    await this.answers.restore(await this.homes.require(pipeline), id, { form, request, response });
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
    await this.answers.ping(await this.homes.require(pipeline), id, { form, request, response });
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
    await this.answers.sendAgain(await this.homes.require(pipeline), id, { form, request, response });
  }
}
