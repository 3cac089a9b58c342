import { Body, Controller, Get, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { Audited } from '../http/audit/audited.decorator';
import { WebhookAnswers } from './webhook-answers';
import { WebhookMaking } from './webhook-making';
import { homeOfProject } from './webhook-place';
import { WebhookViews, type WebhookListView, type WebhookPageView } from './webhook.view';

/** Addresses that hear of the runs of a project: its owner makes them. */
@Controller('projects/:project/webhooks')
export class ProjectWebhooksController {
  constructor(
    private readonly answers: WebhookAnswers,
    private readonly making: WebhookMaking,
    private readonly views: WebhookViews,
  ) {}

  @Get()
  @Access('projectSharer')
  @Render('webhooks/index')
  async list(@CurrentProject() project: Project): Promise<WebhookListView> {
    return this.views.list(homeOfProject(project));
  }

  @Post()
  @Audited('webhook.make')
  @Access('projectSharer')
  async make(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.make(homeOfProject(project), person, { form, request, response });
  }

  @Get(':webhook')
  @Access('projectSharer')
  @Render('webhooks/webhook')
  async page(@CurrentProject() project: Project, @Param('webhook') id: string): Promise<WebhookPageView> {
    const home = homeOfProject(project);
    return this.views.page(home, await this.making.require(home.place, id));
  }

  @Post(':webhook')
  @Audited('webhook.change')
  @Access('projectSharer')
  async change(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.change(homeOfProject(project), id, { form, request, response });
  }

  @Post(':webhook/secret')
  @Audited('webhook.renew-secret')
  @Access('projectSharer')
  async renewSecret(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.renewSecret(homeOfProject(project), id, { form, request, response });
  }

  @Post(':webhook/pause')
  @Audited('webhook.pause')
  @Access('projectSharer')
  async pause(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.pause(homeOfProject(project), id, { form, request, response });
  }

  @Post(':webhook/resume')
  @Audited('webhook.resume')
  @Access('projectSharer')
  async resume(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.resume(homeOfProject(project), id, { form, request, response });
  }

  @Post(':webhook/delete')
  @Audited('webhook.delete')
  @Access('projectSharer')
  async delete(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.delete(homeOfProject(project), id, { form, request, response });
  }

  @Post(':webhook/restore')
  @Audited('webhook.restore')
  @Access('projectSharer')
  async restore(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.restore(homeOfProject(project), id, { form, request, response });
  }

  @Post(':webhook/test')
  @Audited('webhook.test')
  @Access('projectSharer')
  async ping(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.ping(homeOfProject(project), id, { form, request, response });
  }

  @Post(':webhook/again')
  @Audited('webhook.send-again')
  @Access('projectSharer')
  async sendAgain(
    @CurrentProject() project: Project,
    @Param('webhook') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.sendAgain(homeOfProject(project), id, { form, request, response });
  }
}
