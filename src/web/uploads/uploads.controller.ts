import { Body, Controller, Delete, Get, Head, HttpCode, Options, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited, NotAudited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { fieldText, fieldTexts } from '../http/form';
import { TusUploads } from './tus-uploads';
import { UnfinishedUploads, type UnfinishedList } from './unfinished-uploads';
import { UploadFolders } from './upload-folders';

/**
 * Resumable uploads into a project, by the tus protocol. The token of our forms comes in the header `X-CSRF-Token`. An upload has no GET:
 * what has arrived is downloaded as any file is.
 */
@Controller('projects/:project/uploads')
export class UploadsController {
  constructor(
    private readonly tus: TusUploads,
    private readonly unfinished: UnfinishedUploads,
    private readonly folders: UploadFolders,
  ) {}

  /** What waits for its rest, for scripts. */
  @Get()
  @Access('projectRunner')
  list(@CurrentProject() project: Project, @CurrentPerson() person: User): Promise<UnfinishedList> {
    return this.unfinished.all(project, person);
  }

  /** Fields: `folder`, the address of the open folder, and `path` for each folder to be made in it. */
  @Post('folders')
  @Audited('files.make-folder')
  @Access('projectRunner')
  @HttpCode(204)
  async makeFolders(@CurrentProject() project: Project, @Body() form: unknown): Promise<void> {
    await this.folders.make(project, fieldText(form, 'folder'), fieldTexts(form, 'path'));
  }

  /** A form: gives an unfinished upload up. */
  @Post(':upload/discard')
  @Audited('files.discard-upload')
  @Access('projectRunner')
  async discard(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Param('upload') uploadId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const name = await this.tus.discard(project, person, uploadId);
    flash(request, 'ok', 'uploads.discarded', { name });
    redirect(response, `/projects/${project.id}`);
  }

  @Options()
  @Access('projectRunner')
  async options(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.tus.answer(request, response, { project, person });
  }

  @Post()
  @Audited('files.upload')
  @Access('projectRunner')
  async create(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.tus.answer(request, response, { project, person });
  }

  @Head(':upload')
  @Access('projectRunner')
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
  @NotAudited('a piece of an upload, which has its entry since it began')
  @Access('projectRunner')
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
  @Audited('files.discard-upload')
  @Access('projectRunner')
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
