import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { formatEntryPath } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentRun } from '../http/access/current';
import { pathOfSegments } from '../http/entry-path';
import { ImageSources } from './image-sources';
import { TileAnswers, whole } from './tile-answers';

type Fields = Record<string, unknown>;

/** Parts of the images of a run, as `TileAnswers` has them. */
@Controller('runs/:run/tiles')
export class TilesController {
  constructor(
    private readonly sources: ImageSources,
    private readonly answers: TileAnswers,
  ) {}

  @Get(':what/results/*path')
  @Access('runViewer')
  async ofResult(
    @CurrentRun() run: Run,
    @Param('what') what: string,
    @Param('path') segments: string[],
    @Query() query: Fields,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const path = formatEntryPath(pathOfSegments(segments));
    await this.answers.send(this.sources.shelf(run), { kind: 'results', path }, { what, query, request, response });
  }

  /** A link to the run alone opens no file of its project. */
  @Get(':what/inputs/:parameter/:index')
  @Access('projectViewer')
  async ofInput(
    @CurrentRun() run: Run,
    @Param() { what, parameter, index }: { what: string; parameter: string; index: string },
    @Query() query: Fields,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const address = { kind: 'inputs' as const, parameter, index: whole(index) };
    await this.answers.send(this.sources.shelf(run), address, { what, query, request, response });
  }
}
