import { Controller, Get, Param, Query, Render, Req, Res, UseInterceptors } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../common/errors';
import { showEntryName } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentGrant, CurrentRun } from '../http/access/current';
import type { Grant } from '../http/access/policy';
import { pathOfSegments } from '../http/entry-path';
import { RunResults } from '../show/run-results';
import { TableRows } from '../tables/table-rows';
import { GoneResults } from '../show/gone-results';
import { ImageSources } from './image-sources';
import { ViewPicture } from './view-picture';
import { ViewerPage, type ViewerView, type ViewQuery } from './viewer-page.service';

const MOST_TEXT = 200;

/** The viewer of images of a run, the picture in its place, and rows of what is clicked. */
@Controller('runs/:run')
@UseInterceptors(GoneResults)
export class ViewerController {
  constructor(
    private readonly page: ViewerPage,
    private readonly pictures: ViewPicture,
    private readonly sources: ImageSources,
    private readonly results: RunResults,
    private readonly rows: TableRows,
  ) {}

  @Get('viewer')
  @Access('runViewer')
  @Render('viewer/viewer')
  ofView(@CurrentRun() run: Run, @Query() query: Record<string, unknown>, @Req() request: Request): Promise<ViewerView> {
    return this.page.show(run, request.project ?? null, viewOf(query), request.grant ?? null);
  }

  @Get('viewer/*path')
  @Access('runViewer')
  @Render('viewer/viewer')
  ofFile(@CurrentRun() run: Run, @Param('path') segments: string[], @Req() request: Request): Promise<ViewerView> {
    return this.page.show(run, request.project ?? null, { path: pathOfSegments(segments) }, request.grant ?? null);
  }

  @Get('tiles/picture')
  @Access('runViewer')
  pictureOfView(
    @CurrentRun() run: Run,
    @CurrentGrant() grant: Grant | null,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    return this.sendPicture(run, viewOf(query), grant, response);
  }

  @Get('tiles/picture/*path')
  @Access('runViewer')
  pictureOfFile(@CurrentRun() run: Run, @Param('path') segments: string[], @Res() response: Response): Promise<void> {
    return this.sendPicture(run, { path: pathOfSegments(segments) }, null, response);
  }

  /** The row of a table, `{ row, cells: [{ name, value }] }`, whose column `key` holds `value`; null for none. */
  @Get('tiles/row/*path')
  @Access('runViewer')
  async row(
    @CurrentRun() run: Run,
    @Param('path') segments: string[],
    @Query('key') key: unknown,
    @Query('value') value: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const asked = { runId: run.id, results: await this.results.of(run), path: pathOfSegments(segments), signal: gone.signal };
    response.json(await this.rows.findByKey(asked, shortText(key), shortText(value)));
  }

  private async sendPicture(run: Run, query: ViewQuery, grant: Grant | null, response: Response): Promise<void> {
    const { image, heading } = await this.page.find(run, query, grant);
    await this.pictures.send(this.sources.shelf(run), image, nameOf(query, heading), response);
  }
}

function nameOf(query: ViewQuery, heading: string): string {
  return 'path' in query ? showEntryName(query.path.at(-1)!) : heading;
}

function viewOf({ view, of }: Record<string, unknown>): ViewQuery {
  if (typeof view !== 'string' || !/^\d{1,3}$/.test(view)) throw new NotFoundError('errors.notFound');
  return { view: Number(view), of: typeof of === 'string' ? of : null };
}

function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MOST_TEXT) : '';
}
