import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../../common/errors';
import { formatEntryPath, parseEntryName, parseEntryPath, showEntryName, type EntryPath } from '../../../common/files/entry-name';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { redirect } from '../../http/addresses';
import { fieldText } from '../../http/form';
import { closeSignal, sendZip } from './zip-answer';
import { ZipDownloads, type ZipWish } from './zip-downloads';

/** An address that every browser and proxy takes. */
const MOST_ADDRESS = 4000;
const MOST_NAMES = 10_000;
const UNFIT = /[\\/:*?"<>|\p{Cc}]/gu;

/** Downloads of a whole project, a folder or a selection as one zip archive. */
@Controller('projects/:project/zip')
export class ZipController {
  constructor(private readonly downloads: ZipDownloads) {}

  /** Query: `path` of a folder, and any number of `name`s in it; without names all of the folder. */
  @Get()
  @Access('projectReader')
  download(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    // Not by the parser of the other pages, which makes something else of very many values.
    const query = new URL(request.originalUrl, 'http://showrunner.invalid').searchParams;
    return this.answer(project, person, { path: query.get('path') ?? '', names: query.getAll('name') }, request, response);
  }

  /** The same by a form. What fits into an address gets one, so that a download that broke off can go on. */
  @Post()
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
    return this.answer(project, person, { path, names }, request, response);
  }

  private async answer(
    project: Project,
    person: User,
    asked: { path: string; names: string[] },
    request: Request,
    response: Response,
  ): Promise<void> {
    const folder = parseEntryPath(asked.path);
    if (asked.names.length > MOST_NAMES) throw new InvalidInputError('archives.tooManyNames', { most: MOST_NAMES });
    const names = asked.names.length === 0 ? null : [...new Set(asked.names)].map(parseEntryName);
    const title = folderTitle(project, folder);
    const wish: ZipWish = { folder, names, top: Buffer.from(title) };
    const [only] = names ?? [];
    const file = names?.length === 1 && only ? showEntryName(only) : title;
    await this.downloads.with(person.id, project, wish, closeSignal(response), (zip) => sendZip(request, response, zip, `${file}.zip`));
  }
}

/** A name that every computer can store, for the folder or the project. */
function folderTitle(project: Project, folder: EntryPath): string {
  const name = folder.length === 0 ? project.name : showEntryName(folder.at(-1)!);
  return (
    name
      .replace(UNFIT, '_')
      .replace(/^[ .]+|[ .]+$/g, '')
      .slice(0, 120)
      .toWellFormed() || formatEntryPath([Buffer.from(project.id)])
  );
}

function namesOf(form: unknown): string[] {
  const value = typeof form === 'object' && form !== null ? (form as Record<string, unknown>)['name'] : undefined;
  const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string')) throw new InvalidInputError('files.badPath');
  return list;
}
