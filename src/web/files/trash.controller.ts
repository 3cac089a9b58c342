import { Body, Controller, Get, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import { showEntryName } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueStore } from '../../common/queue/queue-store';
import { Trash } from '../../common/trash/trash';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { fieldText, hasField } from '../http/form';
import { pageNumber } from '../projects/pages';
import { address } from '../views/helpers';
import { TrashView, type TrashPage } from './trash.view';
import { isUuid } from '../http/ids';

/** What was deleted from a project: to look at, bring back, and delete for good. */
@Controller('projects/:project/trash')
export class TrashController {
  constructor(
    private readonly view: TrashView,
    private readonly trash: Trash,
    private readonly projects: ProjectsRepository,
    private readonly queue: QueueStore,
  ) {}

  @Get()
  @Access('projectKeeper')
  @Render('files/trash')
  page(
    @CurrentProject() project: Project,
    @CurrentPerson() reader: User,
    @Query('page') page: unknown,
    @Query('sort') sort: unknown,
  ): Promise<TrashPage> {
    return this.view.of(project, reader, pageNumber(page), sort === 'size' ? 'size' : 'date');
  }

  @Post('restore')
  @Audited('files.restore')
  @Access('projectOwner')
  async restore(
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { folder, names } = await this.trash.restore(project, idOf(form));
    await this.projects.touch(project.id, await this.queue.nowMs());
    const where = folder.length === 0 ? project.name : folder.map(showEntryName).join('/');
    if (names.length === 1) flash(request, 'ok', 'browse.restoredOneTo', { name: names[0] ?? '', folder: where });
    else flash(request, 'ok', 'browse.restoredManyTo', { count: names.length, folder: where });
    redirect(response, address('/projects', [project.id, 'trash']));
  }

  /** One deletion, or all of them. */
  @Post('empty')
  @Audited('files.empty-trash')
  @Access('projectOwner')
  async empty(
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const count = await this.trash.empty(project, hasField(form, 'id') ? idOf(form) : undefined);
    flash(request, 'ok', 'browse.goneForGood', { count });
    redirect(response, address('/projects', [project.id, 'trash']));
  }
}

function idOf(form: unknown): string {
  const id = fieldText(form, 'id');
  if (!isUuid(id)) throw new InvalidInputError('files.badPath');
  return id;
}
