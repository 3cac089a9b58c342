import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../common/errors';
import type { Pipeline } from '../../common/pipelines/manifest';
import { inReadersWords } from '../../common/pipelines/pipeline-words';
import type { Entered } from '../../common/pipelines/parameters';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { OpenPipelines } from '../http/access/open-pipelines';
import { redirect } from '../http/addresses';
import { NotAudited } from '../http/audit/audited.decorator';
import type { SubmittedForm } from '../http/form';
import { EarlierRuns } from '../run/earlier-runs';
import { scheduleIn } from '../run/form-prefill';
import { searchesIn } from '../run/file-menu';
import { RunFormViews } from '../run/run-form.view';
import { enteredIn } from '../run/submitted-values';
import { readSweep } from '../run/sweep-order';
import { submissionOf } from '../admission/submission-key';
import { OwnSchedules } from './own-schedules';
import { FRESH_TIMES } from './plain-times';
import { enteredOf, ownTimeZone, type EnteredSchedule } from './schedule-form';
import { ScheduleFormViews } from './schedule-form.view';
import { ScheduleMaking } from './schedule-making';

/** From the form of a pipeline, or from a run, to a schedule: asks when it should start. */
@Controller('projects/:project/run/:pipeline/schedule')
export class ScheduleFormsController {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly earlier: EarlierRuns,
    private readonly making: ScheduleMaking,
    private readonly views: ScheduleFormViews,
    private readonly forms: RunFormViews,
    private readonly own: OwnSchedules,
  ) {}

  /** With what an earlier run was asked for: `?from=12`. Where that does not fit any more the form of the pipeline says so. */
  @Get()
  @Access('projectScheduler')
  async fromRun(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const pipeline = await this.pipelines.require(person, id);
    const found = await this.earlier.entriesOf(person, pipeline.manifest, query['from']);
    if (!found) return redirect(response, `/projects/${project.id}/run/${encodeURIComponent(id)}`);
    await this.ask(request, response, { person, project, pipeline, values: found.entered, schedule: '' });
  }

  /** With what the form of the pipeline holds. What is wrong there is said there, and nothing is lost. */
  @Post()
  @NotAudited('shows a form')
  @Access('projectScheduler')
  async fromForm(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const pipeline = await this.pipelines.require(person, id);
    const values = enteredIn(form, pipeline.manifest);
    await this.ask(request, response, { person, project, pipeline, values, schedule: scheduleIn(form) });
  }

  private async ask(request: Request, response: Response, asked: Asked): Promise<void> {
    const { person, project, pipeline, values, schedule } = asked;
    const sweep = readSweep((request.body ?? {}) as SubmittedForm);
    const faults = await this.making.faultsIn(person, project, pipeline, values);
    if (sweep !== null || faults !== null) {
      const formErrors = sweep ? [text('schedules.oneSetOnly')] : [];
      const searches = searchesIn(request.body, pipeline.manifest);
      const state = { submission: submissionOf(request.body), entered: values, sweep, showErrors: true, formErrors, schedule, searches };
      response.status(422).render('run/form', await this.forms.of(person, project, pipeline, state));
      return;
    }
    const known = schedule === '' ? null : await this.own.find(person, project, schedule, 'scheduleAuthor');
    if (known && known.pipelineId !== pipeline.manifest.id) throw new NotFoundError('schedules.noSuch');
    const fresh = { name: inReadersWords(pipeline).manifest.title.slice(0, 100), timeZone: ownTimeZone(), skipsRunning: true };
    const entered: EnteredSchedule = known ? enteredOf(known) : { ...fresh, ...FRESH_TIMES };
    response.render('schedules/form', await this.views.of(project, pipeline, { schedule: known?.id ?? '', entered, values, errors: {} }));
  }
}

interface Asked {
  person: User;
  project: Project;
  pipeline: Pipeline;
  values: Entered;
  schedule: string;
}
