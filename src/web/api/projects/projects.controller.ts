import { Controller, Delete, Get, Patch, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Project } from '../../../common/projects/project.entity';
import { ProjectCreation } from '../../../common/projects/project-creation';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { basePathOf } from '../../http/addresses';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { ProjectDeletion } from '../../projects/project-deletion';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';
import { ProjectJsons, projectSchema, wholeProjectSchema, type ProjectJson, type WholeProjectJson } from './project-json';
import { ProjectLists } from './project-lists';

const MOST_WORDS = 200;

const listQuery = pageQuery({ name: says(z.string().max(MOST_WORDS).optional(), 'apiFiles.projectNamed') });
const listSchema = pageOf(projectSchema);
const orderSchema = z.strictObject({ name: says(z.string().max(1000), 'apiFiles.projectName') });
const deletionQuery = z.strictObject({ typed: says(z.string().max(1000), 'apiFiles.projectTyped') });

/** Projects: one’s own, and those that others share by name. */
@Controller(`${API_ROOT}/projects`)
export class ApiProjectsController {
  constructor(
    private readonly creation: ProjectCreation,
    private readonly projects: ProjectsRepository,
    private readonly deletion: ProjectDeletion,
    private readonly lists: ProjectLists,
    private readonly jsons: ProjectJsons,
  ) {}

  @Get()
  @Api({ area: 'projects', summary: 'apiFiles.listProjects', scope: 'read', query: listQuery, answer: listSchema })
  @Access('person')
  list(@CurrentPerson() person: User, @ApiQuery() query: z.infer<typeof listQuery>): Promise<z.infer<typeof listSchema>> {
    return this.lists.of(person, query);
  }

  @Post()
  @Api({
    area: 'projects',
    summary: 'apiFiles.makeProject',
    scope: 'files',
    body: orderSchema,
    answer: projectSchema,
    status: 201,
    answerHeaders: { Location: 'apiFiles.projectLocation' },
    example: { body: { name: 'Spleen, slide 4' } },
  })
  @Audited('project.create')
  @Access('person')
  async create(
    @CurrentPerson() person: User,
    @ApiBody() { name }: z.infer<typeof orderSchema>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ProjectJson> {
    const project = await this.creation.create(person.id, name);
    tellAudit(request, { object: { kind: 'project', id: project.id, name: project.name } });
    response.location(`${basePathOf(response)}/${API_ROOT}/projects/${project.id}`);
    return this.jsons.summary(person, project, null);
  }

  @Get(':project')
  @Api({ area: 'projects', summary: 'apiFiles.readProject', scope: 'read', answer: wholeProjectSchema })
  @Access('projectReader')
  read(@CurrentPerson() person: User, @CurrentProject() project: Project): Promise<WholeProjectJson> {
    return this.jsons.whole(person, project);
  }

  @Patch(':project')
  @Api({
    area: 'projects',
    summary: 'apiFiles.renameProject',
    scope: 'files',
    body: orderSchema,
    answer: projectSchema,
    example: { body: { name: 'Spleen, slide 5' } },
  })
  @Audited('project.rename')
  @Access('projectOwner')
  async rename(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() { name }: z.infer<typeof orderSchema>,
  ): Promise<ProjectJson> {
    await this.creation.rename(project, name);
    return this.jsons.summary(person, (await this.projects.findById(project.id)) ?? project, null);
  }

  @Delete(':project')
  @Api({ area: 'projects', summary: 'apiFiles.deleteProject', scope: 'files', query: deletionQuery, answer: null })
  @Audited('project.delete')
  @Access('projectOwner')
  async delete(@CurrentProject() project: Project, @ApiQuery() { typed }: z.infer<typeof deletionQuery>): Promise<void> {
    await this.deletion.delete(project, typed);
  }
}
