import { Body, Controller, Get, Param, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect, safePath } from '../http/addresses';
import { flash, type UndoForm } from '../http/flash';
import { fieldText } from '../http/form';
import { pageNumber } from '../projects/pages';
import { SweepPage, type SweepView } from './sweep-page.view';
import { SweepSteps } from './sweep-steps';

/** The page of runs that were asked for together, and cancelling all of them. */
@Controller('projects/:project/sweeps/:sweep')
export class SweepsController {
  constructor(
    private readonly page: SweepPage,
    private readonly steps: SweepSteps,
  ) {}

  @Get()
  @Access('projectReader')
  @Render('sweeps/sweep')
  async show(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('sweep') id: string,
    @Query('page') page: unknown,
  ): Promise<SweepView> {
    return this.page.of(person, project, await this.steps.find(project, id), pageNumber(page));
  }

  @Post('cancel')
  @Audited('run.cancel-several')
  @Access('projectRunner')
  async cancel(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('sweep') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { sweep, count, waited, sinceMs } = await this.steps.cancel(person, project, id);
    const page = `/projects/${project.id}/sweeps/${sweep.id}`;
    const fields: UndoForm['fields'] = [['since', String(sinceMs)]];
    const undo = waited ? { path: `${page}/requeue`, fields, label: text('sweep.queueAgain') } : undefined;
    flash(request, 'ok', 'sweep.flashCancelled', { count }, undo);
    redirect(response, safePath(fieldText(form, 'back'), page));
  }

  /** Undoes `cancel` for the runs that had not started. */
  @Post('requeue')
  @Audited('run.queue-several-again')
  @Access('projectRunner')
  async queueAgain(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('sweep') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { sweep, count } = await this.steps.queueAgain(person, project, id, Number(fieldText(form, 'since')) || 0);
    flash(request, count > 0 ? 'ok' : 'warn', count > 0 ? 'sweep.flashRequeued' : 'sweep.requeueTooLate', { count });
    redirect(response, `/projects/${project.id}/sweeps/${sweep.id}`);
  }
}
