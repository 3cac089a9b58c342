import { Controller, Get, Param, Render, Req, Res, UseInterceptors } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../common/errors';
import { showEntryName } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentRun, Visitor } from '../http/access/current';
import { pathOfSegments } from '../http/entry-path';
import { frameOnly } from '../http/security-headers';
import { sendDocumentInFrame } from '../show/document-response';
import { RunResults } from '../show/run-results';
import { GoneResults } from '../show/gone-results';
import { ReportPages, type PlotPage } from './report-pages';

/** Pages around single results: a page or document in a frame, a plot, and the way to a viewer elsewhere. */
@Controller('runs/:run')
@UseInterceptors(GoneResults)
export class ReportsController {
  constructor(
    private readonly pages: ReportPages,
    private readonly results: RunResults,
  ) {}

  @Get('report/*path')
  @Access('runViewer')
  async report(
    @CurrentRun() run: Run,
    @Visitor() person: User | null,
    @Param('path') segments: string[],
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const viewer = { person, grant: request.grant ?? null };
    const { view, frames } = await this.pages.report(run, viewer, pathOfSegments(segments), request);
    if (frames !== null) frameOnly(response, frames);
    response.render('reports/report', view);
  }

  @Get('plot/*path')
  @Access('runViewer')
  @Render('reports/plot')
  plot(@CurrentRun() run: Run, @Param('path') segments: string[], @Req() { project, grant }: Request): Promise<PlotPage> {
    return this.pages.plot(run, project ?? null, grant ?? null, pathOfSegments(segments));
  }

  /** A document for a frame of our page. */
  @Get('documents/*path')
  @Access('runViewer')
  async document(@CurrentRun() run: Run, @Param('path') segments: string[], @Res() response: Response): Promise<void> {
    const path = pathOfSegments(segments);
    const name = showEntryName(path.at(-1)!);
    const isShown = await sendDocumentInFrame(response, await (await this.results.of(run)).openFile(path), name);
    if (!isShown) throw new NotFoundError('browse.noDocument', { name });
  }

  /** Answers with a link that somebody else may follow; it changes nothing here. */
  @Get('open/*path')
  @Access('runReader')
  async open(
    @CurrentRun() run: Run,
    @CurrentPerson() person: User,
    @Param('path') segments: string[],
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    response.redirect(303, await this.pages.viewer(run, person, pathOfSegments(segments), request));
  }
}
