import { Body, Controller, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Manifest } from '../../common/pipelines/manifest';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import { asEntries, type Entered } from '../../common/pipelines/parameters';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, type FormErrors, type SubmittedForm } from '../http/form';
import { FormPresets } from './form-presets';
import { linkQuery } from './form-link';
import { enteredIn } from './submitted-values';

/** Keeping what a form holds under a name, in two steps that need no scripts: name it, and keep it. */
@Controller('projects/:project/run/:pipeline/presets')
export class PresetsController {
  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly presets: FormPresets,
  ) {}

  /** Asks for a name. What the form holds travels along, so that nothing is lost on the way back. */
  @Post('new')
  @Access('projectOwner')
  async ask(
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Body() form: SubmittedForm,
    @Res() response: Response,
  ): Promise<void> {
    const { manifest } = await this.catalogue.require(id);
    draw(response, 200, { project, manifest, entered: enteredIn(form, manifest), name: '', errors: {} });
  }

  @Post()
  @Access('projectOwner')
  async keep(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { manifest } = await this.catalogue.require(id);
    const name = fieldText(form, 'name');
    const entered = readEntries(manifest, fieldText(form, 'entries'));
    try {
      const preset = await this.presets.keep(person, manifest, name, entered);
      flash(request, 'ok', 'run.presetKept', { name: name.trim() });
      const query = linkQuery(manifest, entered) ?? '';
      redirect(response, `${addressOf(project, manifest)}?preset=${preset}${query === '' ? '' : `&${query}`}`);
    } catch (error) {
      draw(response, 422, { project, manifest, entered, name, errors: asFormErrors(error) });
    }
  }

  @Post(':preset/delete')
  @Access('projectOwner')
  async remove(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Param('preset') preset: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { manifest } = await this.catalogue.require(id);
    await this.presets.remove(person, preset);
    flash(request, 'ok', 'run.presetDeleted', {});
    redirect(response, addressOf(project, manifest));
  }
}

interface Asked {
  project: Project;
  manifest: Manifest;
  entered: Entered;
  name: string;
  errors: FormErrors;
}

function draw(response: Response, status: number, { project, manifest, entered, name, errors }: Asked): void {
  const query = linkQuery(manifest, entered) ?? '';
  response.status(status).render('run/preset', {
    title: text('run.presetTitle'),
    project: { id: project.id, name: project.name },
    pipeline: { id: manifest.id, title: manifest.title },
    entries: JSON.stringify(entered),
    name,
    errors,
    back: `${addressOf(project, manifest)}${query === '' ? '' : `?${query}`}`,
  });
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
