import { Controller, Get, Param, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../common/errors';
import { showEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import { InboxLinks } from '../../common/inbox/inbox-links';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { pathOfSegments } from '../http/entry-path';
import { readListState } from '../projects/list-state';
import { sendDocumentInFrame } from '../show/document-response';
import { FileView, type FilePage } from './file.view';

/** The page of one file of a project, and documents that it shows in a frame. */
@Controller('projects/:project')
export class FileViewController {
  constructor(
    private readonly view: FileView,
    private readonly files: ProjectFiles,
    private readonly links: InboxLinks,
  ) {}

  @Get('view/*path')
  @Access('projectReader')
  @Render('files/view')
  page(
    @CurrentProject() project: Project,
    @CurrentPerson() reader: User,
    @Param('path') segments: string[],
    @Req() { query }: Request,
  ): Promise<FilePage> {
    const { sort, order, filter, expected } = query;
    return this.view.of(project, reader, pathOfSegments(segments), readListState({ sort, order, filter }), expected);
  }

  @Get('documents/*path')
  @Access('projectReader')
  async document(@CurrentProject() project: Project, @Param('path') segments: string[], @Res() response: Response): Promise<void> {
    const path = pathOfSegments(segments);
    const name = showEntryName(path.at(-1)!);
    const place = await this.links.follow(project, this.files.of(project), path);
    const file = await place.directory.openFile(place.path);
    if (!(await sendDocumentInFrame(response, file, name))) throw new NotFoundError('browse.noDocument', { name });
  }
}
