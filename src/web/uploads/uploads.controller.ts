import { Controller, Delete, Head, Options, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { TusUploads } from './tus-uploads';

/**
 * Resumable uploads into a project, by the tus protocol. The token of our forms comes in the header `X-CSRF-Token`. No GET: what has
 * arrived is downloaded as any file is.
 */
@Controller('projects/:project/uploads')
export class UploadsController {
  constructor(private readonly tus: TusUploads) {}

  @Options()
  @Access('projectOwner')
  async options(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.tus.answer(request, response, { project, person });
  }

  @Post()
  @Access('projectOwner')
  async create(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.tus.answer(request, response, { project, person });
  }

  @Head(':upload')
  @Access('projectOwner')
  async look(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Param('upload') uploadId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.tus.answer(request, response, { project, person, uploadId });
  }

  @Patch(':upload')
  @Access('projectOwner')
  async append(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Param('upload') uploadId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.tus.answer(request, response, { project, person, uploadId });
  }

  @Delete(':upload')
  @Access('projectOwner')
  async end(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Param('upload') uploadId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.tus.answer(request, response, { project, person, uploadId });
  }
}
