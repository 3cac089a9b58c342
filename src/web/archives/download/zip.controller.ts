import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../../common/errors';
import { formatEntryPath, parseEntryName, parseEntryPath } from '../../../common/files/entry-name';
import { ProjectFiles } from '../../../common/files/project-files';
import type { Project } from '../../../common/projects/project.entity';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import { Access, ChangesNothing } from '../../http/access/access.decorator';
import { NotAudited } from '../../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject, CurrentRun, Visitor } from '../../http/access/current';
import { redirect } from '../../http/addresses';
import { fieldText } from '../../http/form';
import { ZipAnswers } from './zip-answers';

/** An address that every browser and proxy takes. */
const MOST_ADDRESS = 4000;

/** Downloads of a whole project, a folder or a selection as one zip archive. */
@Controller()
export class ZipController {
  constructor(
    private readonly answers: ZipAnswers,
    private readonly files: ProjectFiles,
  ) {}

  /** Query: `path` of a folder, and any number of `name`s in it; without names all of the folder. */
  @Get('projects/:project/zip')
  @Access('projectViewer')
  download(
    @CurrentProject() project: Project,
    @Visitor() person: User | null,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    // Not by the parser of the other pages, which makes something else of very many values.
    const query = new URL(request.originalUrl, 'http://showrunner.invalid').searchParams;
    const asked = { path: query.get('path') ?? '', names: query.getAll('name') };
    return this.answer(project, readerOf(person, request), asked, request, response);
  }

  /** All results of a run. */
  @Get('runs/:run/zip')
  @Access('runViewer')
  results(
    @CurrentProject() project: Project,
    @CurrentRun() run: Run,
    @Visitor() person: User | null,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const asked = { path: formatEntryPath(this.files.resultsPath(run.id)), names: [] };
    return this.answer(project, readerOf(person, request), asked, request, response);
  }

  /** The same by a form. What fits into an address gets one, so that a download that broke off can go on. */
  @Post('projects/:project/zip')
  @NotAudited('only reads')
  @ChangesNothing()
  @HttpCode(200)
  @Access('projectReader')
  async select(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const path = fieldText(form, 'path');
    const only = fieldText(form, 'only');
    const names = only === '' ? namesOf(form) : [only];
    if (names.length === 0) throw new InvalidInputError('archives.nothingSelected');
    const query = new URLSearchParams(path === '' ? {} : { path });
    for (const name of names) query.append('name', name);
    const address = `/projects/${project.id}/zip?${query.toString()}`;
    if (address.length <= MOST_ADDRESS) return redirect(response, address);
    return this.answer(project, person.id, { path, names }, request, response);
  }

  private async answer(
    project: Project,
    reader: string,
    asked: { path: string; names: string[] },
    request: Request,
    response: Response,
  ): Promise<void> {
    const names = asked.names.map(parseEntryName);
    const wish = { folder: parseEntryPath(asked.path), names: names.length === 0 ? null : names };
    await this.answers.send({ project, reader, ...wish }, request, response);
  }
}

/** Those who come by the same link count as one. */
function readerOf(person: User | null, { grant }: Request): string {
  return person?.id ?? grant?.id ?? '';
}

function namesOf(form: unknown): string[] {
  const value = typeof form === 'object' && form !== null ? (form as Record<string, unknown>)['name'] : undefined;
  const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string')) throw new InvalidInputError('files.badPath');
  return list;
}
