import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Manifest } from '../../common/pipelines/manifest';
import { asEntries, type Entered } from '../../common/pipelines/parameters';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Audited, NotAudited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { OpenPipelines } from '../http/access/open-pipelines';
import { redirect, safePath } from '../http/addresses';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, type FormErrors, type SubmittedForm } from '../http/form';
import { scheduleIn } from './form-prefill';
import { FormPresets, notKept } from './form-presets';
import { linkQuery } from './form-link';
import { RunFormViews, type RunFormView } from './run-form.view';
import { enteredIn } from './submitted-values';
import { readSweep, sweepFields, type EnteredSweep } from './sweep-order';

/** Keeping what a form holds under a name, in two steps that need no scripts: name it, and keep it. */
@Controller('projects/:project/run/:pipeline/presets')
export class PresetsController {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly presets: FormPresets,
    private readonly views: RunFormViews,
  ) {}

  /** Asks for a name. What the form holds travels along, so that nothing is lost on the way back. */
  @Post('new')
  @NotAudited('shows a form')
  @Access('projectRunner')
  async ask(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Body() form: SubmittedForm,
    @Res() response: Response,
  ): Promise<void> {
    const { manifest } = await this.pipelines.require(person, id);
    draw(response, 200, { project, manifest, entered: enteredIn(form, manifest), sweep: readSweep(form), name: '', errors: {} });
  }

  /** The form again, where it holds more than an address. */
  @Post('back')
  @NotAudited('shows a form')
  @Access('projectRunner')
  @HttpCode(200)
  @Render('run/form')
  async back(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Body() form: SubmittedForm,
  ): Promise<RunFormView> {
    const pipeline = await this.pipelines.require(person, id);
    const entered = readEntries(pipeline.manifest, fieldText(form, 'entries'));
    const state = { submission: randomUUID(), entered, sweep: readSweep(form), schedule: scheduleIn(form), showErrors: false };
    return this.views.of(person, project, pipeline, state);
  }

  @Post()
  @Audited('preset.keep')
  @Access('projectRunner')
  async keep(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { manifest } = await this.pipelines.require(person, id);
    const name = fieldText(form, 'name');
    const entered = readEntries(manifest, fieldText(form, 'entries'));
    const sweep = readSweep(form);
    try {
      const preset = await this.presets.keep(person, manifest, name, entered);
      flash(request, 'ok', 'run.presetKept', { name: name.trim() });
      const query = linkQuery(manifest, notKept(manifest, entered), sweep, { preset }) ?? `preset=${preset}`;
      redirect(response, `${addressOf(project, manifest)}?${query}`);
    } catch (error) {
      draw(response, 422, { project, manifest, entered, sweep, name, errors: asFormErrors(error) });
    }
  }

  /** What is in the form stays there, as far as an address holds it. */
  @Post(':preset/delete')
  @Audited('preset.delete')
  @Access('projectRunner')
  async remove(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Param('preset') preset: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { manifest } = await this.pipelines.require(person, id);
    const form = request.body as SubmittedForm;
    const back = filledAddress(project, manifest, enteredIn(form, manifest), readSweep(form)) ?? addressOf(project, manifest);
    const isGone = await this.presets.remove(person, preset);
    const path = `${addressOf(project, manifest)}/presets/${encodeURIComponent(preset)}/restore`;
    flash(request, 'ok', 'run.presetDeleted', {}, isGone ? { path, fields: [['back', back]] } : undefined);
    redirect(response, back);
  }

  /** Undoes `remove`. */
  @Post(':preset/restore')
  @Audited('preset.restore')
  @Access('projectRunner')
  async restore(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Param('preset') preset: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { manifest } = await this.pipelines.require(person, id);
    if (await this.presets.restore(person, preset)) flash(request, 'ok', 'run.presetRestored');
    else flash(request, 'warn', 'run.presetRestoredTooLate');
    redirect(response, safePath(fieldText(request.body, 'back'), addressOf(project, manifest)));
  }
}

interface Asked {
  project: Project;
  manifest: Manifest;
  entered: Entered;
  sweep: EnteredSweep | null;
  name: string;
  errors: FormErrors;
}

function draw(response: Response, status: number, { project, manifest, entered, sweep, name, errors }: Asked): void {
  response.status(status).render('run/preset', {
    title: text('run.presetTitle'),
    project: { id: project.id, name: project.name },
    pipeline: { id: manifest.id, title: manifest.title },
    carried: [['entries', JSON.stringify(entered)], ...(sweep ? sweepFields(sweep) : [])].map(([field, value]) => ({ field, value })),
    name,
    errors,
    back: filledAddress(project, manifest, entered, sweep),
  });
}

/** Of the form with these values; null where they are too many for an address. */
function filledAddress(project: Project, manifest: Manifest, entered: Entered, sweep: EnteredSweep | null): string | null {
  const query = linkQuery(manifest, entered, sweep);
  return query === null ? null : `${addressOf(project, manifest)}${query === '' ? '' : `?${query}`}`;
}

function addressOf({ id }: Project, manifest: Manifest): string {
  return `/projects/${id}/run/${encodeURIComponent(manifest.id)}`;
}

/** What the page before wrote; anything else counts as nothing. */
function readEntries({ parameters }: Manifest, json: string): Entered {
  try {
    const read: unknown = JSON.parse(json);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? asEntries(parameters, read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
