import { Body, Controller, Get, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import { SharesRepository } from '../../common/shares/shares.repository';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject, CurrentRun } from '../http/access/current';
import { Audited } from '../http/audit/audited.decorator';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, showAgain } from '../http/form';
import { shareAddress } from './share-address';
import { ShareLinks } from './share-links';
import { SharePage, type SharePageView } from './share-page.view';
import { runNumberIn } from '../http/ids';
import { address } from '../views/helpers';

/** Links by which others look at a run or a project: made, listed and taken back by the owner of the project. */
@Controller()
export class SharesController {
  constructor(
    private readonly page: SharePage,
    private readonly links: ShareLinks,
    private readonly shares: SharesRepository,
    private readonly config: AppConfig,
  ) {}

  @Get('projects/:project/shares')
  @Access('projectOwner')
  @Render('shares/manage')
  ofProject(@CurrentPerson() person: User, @CurrentProject() project: Project): Promise<SharePageView> {
    return this.page.of(project, null, {}, person);
  }

  @Post('projects/:project/shares')
  @Audited('share.make')
  @Access('projectOwner')
  shareProject(
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.make(project, null, form, request, response);
  }

  @Get('runs/:run/share')
  @Access('projectOwner')
  @Render('shares/manage')
  ofRun(@CurrentProject() project: Project, @CurrentRun() run: Run): Promise<SharePageView> {
    return this.page.of(project, run);
  }

  @Post('runs/:run/share')
  @Audited('share.make')
  @Access('projectOwner')
  shareRun(
    @CurrentProject() project: Project,
    @CurrentRun() run: Run,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.make(project, run, form, request, response);
  }

  @Post('projects/:project/shares/:share/revoke')
  @Audited('share.revoke')
  @Access('projectOwner')
  async revoke(
    @CurrentProject() project: Project,
    @Param('share') share: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const id = share.slice(0, 36);
    const run = runNumberIn(fieldText(form, 'run'));
    const isTaken = await this.shares.revoke(project.id, id);
    const path = address('/projects', [project.id, 'shares', id, 'restore']);
    flash(request, 'ok', 'shares.takenBack', {}, isTaken ? { path, fields: run === null ? [] : [['run', String(run)]] } : undefined);
    redirect(response, pageOf(project, run));
  }

  /** Undoes `revoke`: the same link opens again. */
  @Post('projects/:project/shares/:share/restore')
  @Audited('share.restore')
  @Access('projectOwner')
  async restore(
    @CurrentProject() project: Project,
    @Param('share') share: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const isOpen = await this.shares.restore(project.id, share.slice(0, 36));
    if (isOpen) flash(request, 'ok', 'shares.restored');
    else flash(request, 'warn', 'shares.restoredTooLate');
    redirect(response, pageOf(project, runNumberIn(fieldText(form, 'run'))));
  }

  /** The answer itself shows the link: nothing that was stored could show it on a further page. */
  private async make(project: Project, run: Run | null, form: unknown, request: Request, response: Response): Promise<void> {
    const [note, days, keep] = [fieldText(form, 'note'), fieldText(form, 'days'), fieldText(form, 'keep') === 'yes'];
    try {
      const { secret } = await this.links.make({ projectId: project.id, runId: run?.id ?? null, note, days });
      // The page tells what is true now: the cleaner may have been first, and people may keep things for a time only.
      const shown = keep && request.user ? await this.links.keep({ person: request.user, project, run }) : run;
      const made = shareAddress(this.config, request, secret);
      response.render('shares/manage', await this.page.of(project, shown, { made, days }, request.user ?? null));
    } catch (error) {
      const errors = asFormErrors(error);
      showAgain(response, 'shares/manage', await this.page.of(project, run, { note, days, keep }, request.user ?? null), errors);
    }
  }
}

/** @param run whose page it was; null for that of the whole project. */
function pageOf({ id }: Project, run: number | null): string {
  return run === null ? `/projects/${id}/shares` : `/runs/${run}/share`;
}
