import { Body, Controller, Get, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ConflictError } from '../../common/errors';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentRun, Visitor } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { RunPage, type RunView } from './run-page.service';

/** The page of one run, and whether its results are kept. */
@Controller('runs/:run')
export class ShowController {
  constructor(
    private readonly page: RunPage,
    private readonly runs: RunsRepository,
  ) {}

  @Get()
  @Access('runViewer')
  @Render('show/run')
  show(@Visitor() person: User | null, @CurrentRun() run: Run, @Req() request: Request): Promise<RunView> {
    return this.page.show(run, request.project ?? null, { person, grant: request.grant ?? null });
  }

  @Post('keep')
  @Audited('run.keep')
  @Access('runKeeper')
  async keep(
    @CurrentRun() run: Run,
    @Body() body: Record<string, unknown>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (run.finishedMs === null) throw new ConflictError('show.notOver');
    const keep = body['keep'] !== 'no';
    tellAudit(request, { details: { keep } });
    await this.runs.setKeep(run.id, keep);
    const isGuest = request.user?.kind === 'guest';
    flash(request, 'ok', keep ? (isGuest ? 'show.flashKeptGuest' : 'show.flashKept') : 'show.flashLetGo');
    redirect(response, `/runs/${run.id}`);
  }
}
