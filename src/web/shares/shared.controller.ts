import { Controller, Get, Param, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentGrant, CurrentProject } from '../http/access/current';
import { Grants } from '../http/access/grants';
import type { Grant } from '../http/access/policy';
import { redirect } from '../http/addresses';
import { pathOfText } from '../http/entry-path';
import { pageNumber } from '../projects/pages';
import { SharedProject, type SharedProjectView } from './shared-project.view';

/** Where links to what belongs to others lead. */
@Controller()
export class SharedController {
  constructor(
    private readonly grants: Grants,
    private readonly project: SharedProject,
  ) {}

  /** The link itself. The secret goes into a cookie and out of the address, so that it stands in no history and no log of other sites. */
  @Get('shared/:secret')
  @Access('anyone')
  async open(@Param('secret') secret: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const grant = await this.grants.enter(request, response, secret);
    if (!grant) throw new NotFoundError('shares.over');
    redirect(response, grant.runId === null ? `/projects/${grant.projectId}/shared` : `/runs/${grant.runId}`);
  }

  /** The project for those who came by a link; `path` names a folder. */
  @Get('projects/:project/shared')
  @Access('projectViewer')
  @Render('shares/project')
  show(
    @CurrentProject() project: Project,
    @CurrentGrant() grant: Grant | null,
    @Query('path') path: unknown,
    @Query('page') page: unknown,
    @Query('runs') runs: unknown,
  ): Promise<SharedProjectView> {
    const place = { folder: pathOfText(path), page: pageNumber(page), runsPage: pageNumber(runs) };
    return this.project.of(project, place, grant?.expiresMs ?? null);
  }
}
