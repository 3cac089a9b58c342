import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Param, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Pipeline } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access, ChangesNothing } from '../http/access/access.decorator';
import { Audited, NotAudited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { OpenPipelines } from '../http/access/open-pipelines';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, type SubmittedForm } from '../http/form';
import type { FollowedRun } from './followed-runs';
import { FormPrefill, scheduleIn } from './form-prefill';
import { FormSources } from './form-sources';
import { searchesIn } from './file-menu';
import { RunFormViews, type RunFormView } from './run-form.view';
import { RunSubmission } from './run-submission';
import { enteredIn } from './submitted-values';
import { readSweep, type EnteredSweep } from './sweep-order';
import { SweepSubmission } from './sweep-submission';
import { answerTableButton } from './table-actions';
import { submissionOf } from '../admission/submission-key';

/** What was sent. */
interface Order {
  submission: string;
  entered: Entered;
  /** The run that has to succeed first. */
  after: FollowedRun | null;
}

/** Where what was asked for is shown, or what is wrong with the form as a whole. */
type Asked = { address: string } | { faults: string[] };

/** The form of one pipeline: drawn from its manifest, previewed, and sent. */
@Controller('projects/:project/run/:pipeline')
export class RunFormController {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly views: RunFormViews,
    private readonly prefill: FormPrefill,
    private readonly submission: RunSubmission,
    private readonly sweeps: SweepSubmission,
    private readonly sources: FormSources,
  ) {}

  @Get()
  @Access('projectRunner')
  @Render('run/form')
  async form(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<RunFormView> {
    const pipeline = await this.pipelines.require(person, id);
    const filled = await this.prefill.of(person, project, pipeline.manifest, query);
    return this.views.of(person, project, pipeline, { submission: randomUUID(), ...filled });
  }

  /**
   * The form as it stands, with the command that it would run, or with the rows that a button of a table asked for. Scripts take out of it
   * what they need; without them it is a page.
   */
  @Post('preview')
  @NotAudited('only answers')
  @ChangesNothing()
  @Access('projectRunner')
  async preview(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Body() form: SubmittedForm,
    @Res() response: Response,
  ): Promise<void> {
    const pipeline = await this.pipelines.require(person, id);
    const entered = enteredIn(form, pipeline.manifest);
    const tables = await answerTableButton(form, pipeline.manifest, entered, this.sources.of(person, project, pipeline));
    const submission = submissionOf(form);
    const state = {
      submission,
      entered,
      // Whoever looks for files has not filled in the rest yet.
      showErrors: tables === null && fieldText(form, 'find') === '' && fieldText(form, 'take') === '',
      searches: searchesIn(form, pipeline.manifest),
      take: fieldText(form, 'take'),
      sweep: readSweep(form),
      schedule: scheduleIn(form),
      after: await this.prefill.afterIfAny(project, form),
      ...(tables && { tables }),
    };
    response.status(200).render('run/form', await this.views.of(person, project, pipeline, state));
  }

  @Post()
  @Audited('run.start')
  @Access('projectRunner')
  async run(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const pipeline = await this.pipelines.require(person, id);
    const order: Order = { submission: submissionOf(form), entered: enteredIn(form, pipeline.manifest), after: null };
    const sweep = readSweep(form);
    tellAudit(request, { details: { pipeline: id, ...(sweep ? { several: true } : {}) } });
    let formErrors: string[] = [];
    try {
      order.after = await this.prefill.after(project, form);
      const asked = sweep
        ? await this.askForSeveral(person, project, pipeline, { ...order, sweep })
        : await this.askForOne(person, project, pipeline, order, request);
      if ('address' in asked) return redirect(response, asked.address);
      formErrors = asked.faults;
    } catch (error) {
      formErrors = Object.values(asFormErrors(error));
    }
    const view = await this.views.of(person, project, pipeline, {
      ...order,
      sweep,
      schedule: scheduleIn(form),
      searches: searchesIn(form, pipeline.manifest),
      showErrors: true,
      formErrors,
    });
    response.status(422).render('run/form', view);
  }

  private async askForOne(
    person: User,
    project: Project,
    pipeline: Pipeline,
    { submission, entered, after }: Order,
    request: Request,
  ): Promise<Asked> {
    const outcome = await this.submission.submit(person, project, pipeline, submission, entered, { after });
    if (!outcome.ok) return { faults: [] };
    tellAudit(request, { object: { kind: 'run', id: outcome.runId, name: pipeline.manifest.title }, details: { project: project.name } });
    if (!outcome.created) flash(request, 'warn', 'run.askedBefore', { number: outcome.runId });
    return { address: `/runs/${outcome.runId}` };
  }

  private async askForSeveral(person: User, project: Project, pipeline: Pipeline, order: Order & { sweep: EnteredSweep }): Promise<Asked> {
    if (order.after) return { faults: [text('chains.noSweep')] };
    const outcome = await this.sweeps.submit(person, project, pipeline, order);
    return outcome.ok ? { address: `/projects/${project.id}/sweeps/${outcome.sweepId}` } : { faults: outcome.faults };
  }
}
