import { Body, Controller, Get, Param, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ForbiddenError, NotFoundError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import { Poke } from '../../common/queue/poke.service';
import { QueueStore } from '../../common/queue/queue-store';
import { isFinal } from '../../common/queue/run-state';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { Sweep } from '../../common/sweeps/sweep.entity';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import type { User } from '../../common/users/user.entity';
import { storedText, text } from '../../locales/text';
import { Requeue } from '../admission/requeue';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash, type UndoForm } from '../http/flash';
import { fieldText } from '../http/form';
import { pageNumber } from '../projects/pages';
import { SweepPage, type SweepView } from './sweep-page.view';

/** The page of runs that were asked for together, and cancelling all of them. */
@Controller('projects/:project/sweeps/:sweep')
export class SweepsController {
  constructor(
    private readonly page: SweepPage,
    private readonly sweeps: SweepsRepository,
    private readonly runs: RunsRepository,
    private readonly store: QueueStore,
    private readonly poke: Poke,
    private readonly requeue: Requeue,
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
    return this.page.of(person, project, await this.find(project, id), pageNumber(page));
  }

  @Post('cancel')
  @Audited('run.cancel-several')
  @Access('projectRunner')
  async cancel(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('sweep') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const sweep = await this.findTheirs(person, project, id);
    const members = await this.sweeps.runsOf(sweep.id);
    const live = (await this.runs.findByIds(members.map(({ runId }) => runId))).filter(({ state }) => !isFinal(state));
    const key = !person.isAdmin || sweep.ownerId === person.id ? 'queue.cancelledBy' : 'queue.cancelledByAdministrator';
    const note = storedText(key, { name: person.displayName });
    const sinceMs = await this.store.nowMs();
    const waited = live.some(({ state, starts }) => (state === 'queued' || state === 'scheduled') && starts === 0);
    // The last one first: a place that becomes free must not be taken by a run that goes next.
    for (const run of live.sort((one, other) => other.id - one.id)) await this.store.requestCancel(run.id, note);
    void this.poke.pokeRunners();
    const page = `/projects/${project.id}/sweeps/${sweep.id}`;
    const fields: UndoForm['fields'] = [['since', String(sinceMs)]];
    const undo = waited ? { path: `${page}/requeue`, fields, label: text('sweep.queueAgain') } : undefined;
    flash(request, 'ok', 'sweep.flashCancelled', { count: live.length }, undo);
    redirect(response, page);
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
    const sweep = await this.findTheirs(person, project, id);
    const count = await this.requeue.allAgain(project, sweep.id, Number(fieldText(form, 'since')) || 0);
    flash(request, count > 0 ? 'ok' : 'warn', count > 0 ? 'sweep.flashRequeued' : 'sweep.requeueTooLate', { count });
    redirect(response, `/projects/${project.id}/sweeps/${sweep.id}`);
  }

  /** @throws ForbiddenError for one of somebody else in a project of somebody else. */
  private async findTheirs(person: User, project: Project, id: string): Promise<Sweep> {
    const sweep = await this.find(project, id);
    if (!(await this.page.maySteer(person, project, sweep))) throw new ForbiddenError('errors.forbidden');
    return sweep;
  }

  private async find(project: Project, id: string): Promise<Sweep> {
    const sweep = await this.sweeps.find(id.slice(0, 36));
    if (sweep?.projectId !== project.id) throw new NotFoundError('sweep.noSuchSweep');
    return sweep;
  }
}
