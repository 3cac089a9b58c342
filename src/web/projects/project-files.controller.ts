import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import { formatEntryPath, parseEntryName, parseEntryPath, showEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueStore } from '../../common/queue/queue-store';
import { Trash } from '../../common/trash/trash';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { ChecksCsrfItself } from '../http/csrf.guard';
import { pathOfSegments } from '../http/entry-path';
import { flash } from '../http/flash';
import { fieldText } from '../http/form';
import { sendFile } from '../show/file-response';
import { fileTypeOf } from '../show/file-type';
import { address } from '../views/helpers';
import { UploadAnswer } from './upload-answer';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Uploads into a project, downloads from it, deletes in it. */
@Controller('projects/:project/files')
export class ProjectFilesController {
  constructor(
    private readonly files: ProjectFiles,
    private readonly trash: Trash,
    private readonly uploads: UploadAnswer,
    private readonly projects: ProjectsRepository,
    private readonly queue: QueueStore,
  ) {}

  @Post()
  @Access('projectOwner')
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

  @Post('delete')
  @Access('projectOwner')
  async delete(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const folder = parseEntryPath(fieldText(form, 'path'));
    const only = fieldText(form, 'only');
    const names = (only === '' ? namesOf(form) : [only]).map(parseEntryName);
    const back = (undo?: string) => redirect(response, address('/projects', [project.id], { path: formatEntryPath(folder), undo }));
    if (names.length === 0) {
      flash(request, 'warn', 'projects.nothingSelected');
      return back();
    }
    const deletion = await this.trash.delete(project, folder, names, person);
    await this.touch(project);
    const [first = ''] = deletion.names;
    if (deletion.entries === 1) flash(request, 'ok', 'projects.deletedOne', { name: first });
    else flash(request, 'ok', 'projects.deletedMany', { count: deletion.entries });
    back(deletion.id);
  }

  @Post('restore')
  @Access('projectOwner')
  async restore(
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const id = fieldText(form, 'undo');
    if (!UUID.test(id)) throw new InvalidInputError('files.badPath');
    const { folder, names } = await this.trash.restore(project, id);
    await this.touch(project);
    const [first = ''] = names;
    if (names.length === 1) flash(request, 'ok', 'projects.restoredOne', { name: first });
    else flash(request, 'ok', 'projects.restoredMany', { count: names.length });
    redirect(response, address('/projects', [project.id], { path: formatEntryPath(folder) }));
  }

  /** `?view=1` asks for a look in place, which only harmless types get. */
  @Get('*path')
  @Access('projectReader')
  async download(
    @CurrentProject() project: Project,
    @Param('path') segments: string[],
    @Query('view') view: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const path = pathOfSegments(segments);
    const name = showEntryName(path.at(-1)!);
    const { inline } = fileTypeOf(name);
    const file = await this.files.of(project).openFile(path);
    await sendFile(response, { file, name, contentType: inline, inline: view === '1' });
  }

  private async touch(project: Project): Promise<void> {
    await this.projects.touch(project.id, await this.queue.nowMs());
  }
}

function namesOf(form: unknown): string[] {
  const value = typeof form === 'object' && form !== null ? (form as Record<string, unknown>)['name'] : undefined;
  const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string')) throw new InvalidInputError('files.badPath');
  return list;
}
