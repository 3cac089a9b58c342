import { Body, Controller, Get, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import { ProjectCreation } from '../../common/projects/project-creation';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, showAgain } from '../http/form';
import { ProjectDeletion } from './project-deletion';

interface SettingsPage {
  title: string;
  project: { id: string; name: string };
  /** What was entered. */
  name: string;
  typed: string;
}

/** Renames and deletes a project. */
@Controller('projects/:project')
export class ProjectSettingsController {
  constructor(
    private readonly creation: ProjectCreation,
    private readonly deletion: ProjectDeletion,
  ) {}

  @Get('settings')
  @Access('projectOwner')
  @Render('projects/settings')
  page(@CurrentProject() project: Project): SettingsPage {
    return settingsPage(project);
  }

  @Post('rename')
  @Audited('project.rename')
  @Access('projectOwner')
  async rename(
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const name = fieldText(form, 'name');
    const { name: before } = project;
    try {
      await this.creation.rename(project, name);
      const undo = { path: `/projects/${project.id}/rename`, fields: [['name', before] as [string, string]] };
      flash(request, 'ok', 'projects.renamed', { name: name.trim() }, name.trim() === before ? undefined : undo);
      redirect(response, `/projects/${project.id}`);
    } catch (error) {
      showAgain(response, 'projects/settings', settingsPage(project, { name }), asFormErrors(error));
    }
  }

  @Post('delete')
  @Audited('project.delete')
  @Access('projectOwner')
  async delete(
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const typed = fieldText(form, 'typed');
    try {
      await this.deletion.delete(project, typed);
      flash(request, 'ok', 'projects.deleted', { name: project.name });
      redirect(response, '/projects');
    } catch (error) {
      const errors = asFormErrors(error);
      const entered = { typed, name: project.name };
      showAgain(response, 'projects/settings', settingsPage(project, entered), errors, errors['form'] === undefined ? 422 : 409);
    }
  }
}

function settingsPage(project: Project, entered: { name?: string; typed?: string } = {}): SettingsPage {
  const { id, name } = project;
  const title = text('projects.settingsTitle', { name });
  return { title, project: { id, name }, name: entered.name ?? name, typed: entered.typed ?? '' };
}
