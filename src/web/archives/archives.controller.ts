import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { formatEntryPath, parseEntryName, parseEntryPath } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { fieldText } from '../http/form';
import { address } from '../views/helpers';
import { Extraction } from './extract/extraction';

/** Unpacks archives in a project. */
@Controller('projects/:project/files')
export class ArchivesController {
  constructor(private readonly extraction: Extraction) {}

  /** Fields: `path` of the folder, `name` of the archive in it, `into`: `here`, or a new folder. */
  @Post('extract')
  @Access('projectOwner')
  async extract(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const folder = parseEntryPath(fieldText(form, 'path'));
    const archive = [...folder, parseEntryName(fieldText(form, 'name'))];
    const into = fieldText(form, 'into') === 'here' ? 'here' : 'folder';
    const name = await this.extraction.start(project, person, archive, into);
    flash(request, 'ok', 'archives.started', { name });
    redirect(response, address('/projects', [project.id], { path: formatEntryPath(folder) }));
  }
}
