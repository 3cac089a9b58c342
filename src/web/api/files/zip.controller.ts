import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { parseEntryPath } from '../../../common/files/entry-name';
import { ProjectFiles } from '../../../common/files/project-files';
import type { Project } from '../../../common/projects/project.entity';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import { ZipAnswers } from '../../archives/download/zip-answers';
import { Access, ChangesNothing } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject, CurrentRun } from '../../http/access/current';
import { NotAudited } from '../../http/audit/audited.decorator';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { says } from '../contract/words';
import { together } from './entries';
import { LONGEST_PATH, somePaths } from './file-schemas';
import { ZIP, ZIP_PART } from './zip-schemas';

const zipQuery = z.strictObject({ path: says(z.string().max(LONGEST_PATH).default(''), 'apiFiles.folderPath') });
const zipOrder = z.strictObject({ paths: somePaths });

/** Folders, selections and results as one archive: written while it is sent, so that nothing has to be waited for or taken away. */
@Controller(API_ROOT)
export class ApiZipController {
  constructor(
    private readonly answers: ZipAnswers,
    private readonly files: ProjectFiles,
  ) {}

  @Get('projects/:project/zip')
  @Api({ area: 'files', summary: 'apiWork.zipFolder', scope: 'read', query: zipQuery, answer: ZIP, ...ZIP_PART })
  @Access('projectReader')
  folder(
    @CurrentPerson() { id: reader }: User,
    @CurrentProject() project: Project,
    @ApiQuery() { path }: z.infer<typeof zipQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.answers.send({ project, reader, folder: parseEntryPath(path), names: null }, request, response);
  }

  @Post('projects/:project/zip')
  @Api({
    area: 'files',
    summary: 'apiWork.zipSome',
    scope: 'read',
    body: zipOrder,
    answer: ZIP,
    ...ZIP_PART,
    example: { body: { paths: ['slides/a.tif', 'slides/b.tif'] } },
  })
  @NotAudited('only reads')
  @ChangesNothing()
  @Access('projectReader')
  some(
    @CurrentPerson() { id: reader }: User,
    @CurrentProject() project: Project,
    @ApiBody() { paths }: z.infer<typeof zipOrder>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.answers.send({ project, reader, ...together(paths) }, request, response);
  }

  @Get('runs/:run/zip')
  @Api({ area: 'runs', summary: 'apiWork.zipResults', scope: 'read', answer: ZIP, ...ZIP_PART })
  @Access('runReader')
  results(
    @CurrentPerson() { id: reader }: User,
    @CurrentProject() project: Project,
    @CurrentRun() run: Run,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.answers.send({ project, reader, folder: this.files.resultsPath(run.id), names: null }, request, response);
  }
}
