import { Body, Controller, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { FileAnswers } from '../files/file-answers';
import { readSelection } from '../files/selection';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { flash } from '../http/flash';
import { Extraction } from './extract/extraction';

/** Unpacks archives in a project. */
@Controller('projects/:project/files')
export class ArchivesController {
  constructor(
    private readonly extraction: Extraction,
    private readonly answers: FileAnswers,
  ) {}

  /** The form of a list of files with one archive chosen. `?into=here` mixes its contents with what is there; otherwise they get a folder. */
  @Post('extract')
  @Audited('files.extract')
  @Access('projectOwner')
  async extract(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Query('into') into: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const change = { project, person, form, request, response };
    const { state, folder, names } = readSelection(form);
    const [archive] = names;
    if (names.length !== 1 || !archive) throw new InvalidInputError('files.badPath');
    await this.answers.orRefusal(change, async () => {
      const { name } = await this.extraction.start(project, person, [...folder, archive], into === 'here' ? 'here' : 'folder');
      flash(request, 'ok', 'archives.started', { name });
      this.answers.back(change, state);
    });
  }
}
