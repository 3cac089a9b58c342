import { Controller, Get, Param, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import { parseEntryPath, type EntryPath } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentRun } from '../http/access/current';
import { projectWay } from '../show/project-way';
import { GoneResults } from '../show/gone-results';
import { TableExport } from './table-export';
import { TablePage } from './table-page.service';
import { askOf, type Query as TableQuery } from './table-query';

/** How long a script lets the server wait for work before it shows how far it has come; scripts say so, people get the page at once. */
const SCRIPT_WAIT = 'x-table-wait';

/** Tables among the results of a run: a page that shows any part of one, and what of it is selected as CSV. */
@Controller('runs/:run/table')
@UseInterceptors(GoneResults)
export class TablesController {
  constructor(
    private readonly page: TablePage,
    private readonly exports: TableExport,
  ) {}

  /** `page`, `cols`, `sort` (with `dir`, `as`), `f<column>`, `x`, `y`, `row`, or `key` with `value`; `export` hands the selection out. */
  @Get('*path')
  @Access('runViewer')
  async show(
    @CurrentRun() run: Run,
    @Param('path') segments: string[],
    @Query() query: TableQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const path = readPath(segments);
    const ask = askOf(query);
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('the reader has gone')));
    if (query['export'] !== undefined) return this.exports.send(run, path, ask, response, gone.signal);
    const project = request.project && { name: request.project.name, href: projectWay(request.project, request.grant ?? null) };
    const visit = {
      project: project ?? null,
      isShared: request.grant !== undefined,
      isPatient: request.headers[SCRIPT_WAIT] !== undefined,
      signal: gone.signal,
    };
    const view = await this.page.show(run, path, ask, visit);
    if (!gone.signal.aborted) response.set('Cache-Control', 'private, no-cache').render('tables/show', view);
  }
}

/** @param segments of the address, decoded, as the router splits them. */
function readPath(segments: string[]): EntryPath {
  const path = parseEntryPath(segments.join('/'));
  if (path.length === 0) throw new InvalidInputError('files.badPath');
  return path;
}
