import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { ChecksCsrfItself } from '../http/csrf.guard';
import { pathOfSegments } from '../http/entry-path';
import { sendFile } from '../show/file-response';
import { fileTypeOf } from '../show/file-type';
import { FileContent } from './file-content';
import { UploadAnswer } from './upload-answer';

/** Uploads into a project, downloads from it. */
@Controller('projects/:project/files')
export class ProjectFilesController {
  constructor(
    private readonly content: FileContent,
    private readonly uploads: UploadAnswer,
  ) {}

  @Post()
  @Audited('files.upload')
  @Access('projectRunner')
  @ChecksCsrfItself()
  async upload(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Query('path') path: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.uploads.answer(project, person, path, request, response);
  }

  /** `?view=1` asks for a look in place, which only harmless types get. */
  @Get('*path')
  @Access('projectViewer')
  async download(
    @CurrentProject() project: Project,
    @Param('path') segments: string[],
    @Query('view') view: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const { file, name } = await this.content.open(project, pathOfSegments(segments));
    const { inline } = fileTypeOf(name);
    await sendFile(response, { file, name, contentType: inline, inline: view === '1' });
  }
}
