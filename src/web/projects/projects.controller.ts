import { Body, Controller, Get, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import { ProjectCreation } from '../../common/projects/project-creation';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, showAgain } from '../http/form';
import { pageQueryOf } from './page-query';
import { isOfShared, readProjectListQuery } from './project-list-query';
import { ProjectListView } from './project-list.view';
import { ProjectPageView, type ProjectPage } from './project-page.view';
import { SharedProjects } from './shared-projects';

/** The list of projects, one project, and the way to its latest results. */
@Controller('projects')
export class ProjectsController {
  constructor(
    private readonly creation: ProjectCreation,
    private readonly listView: ProjectListView,
    private readonly pageView: ProjectPageView,
    private readonly projectRuns: ProjectRunsRepository,
    private readonly shared: SharedProjects,
  ) {}

  /** One's own, or with `whose=shared` those of others. */
  @Get()
  @Access('person')
  async list(@CurrentPerson() person: User, @Query() query: Record<string, unknown>, @Res() response: Response): Promise<void> {
    const wanted = readProjectListQuery(query);
    if (isOfShared(query)) response.render('projects/shared', await this.shared.page(person, wanted));
    else response.render('projects/index', await this.listView.of(person, wanted));
  }

  @Post()
  @Audited('project.create')
  @Access('person')
  async create(@CurrentPerson() person: User, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const name = fieldText(form, 'name');
    try {
      const project = await this.creation.create(person.id, name);
      tellAudit(request, { object: { kind: 'project', id: project.id, name: project.name } });
      flash(request, 'ok', 'projects.created', { name: project.name });
      redirect(response, `/projects/${project.id}`);
    } catch (error) {
      const errors = asFormErrors(error);
      showAgain(response, 'projects/index', await this.listView.of(person, undefined, name), errors);
    }
  }

  @Get(':project')
  @Access('projectReader')
  @Render('projects/project')
  page(@CurrentProject() project: Project, @CurrentPerson() reader: User, @Req() request: Request): Promise<ProjectPage> {
    return this.pageView.of(project, reader, pageQueryOf(request));
  }

  @Get(':project/show')
  @Access('projectReader')
  async showLatest(@CurrentProject() project: Project, @Res() response: Response): Promise<void> {
    const run = await this.projectRuns.latestFinished(project.id);
    if (run) return redirect(response, `/runs/${run.id}`);
    const liveCount = await this.projectRuns.count(project.id);
    response.render('projects/show-none', { title: project.name, project: { id: project.id, name: project.name }, liveCount });
  }
}
