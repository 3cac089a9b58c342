import { Body, Controller, Get, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { KeepLonger } from '../../common/cleaning/keep-longer';
import { RunExpiry } from '../../common/cleaning/run-expiry';
import { ConflictError } from '../../common/errors';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentRun, Visitor } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { RunChains, type RunChain } from './run-chains';
import { RunPage, type RunView } from './run-page.service';

/** The page of one run, and whether its results are kept. */
@Controller('runs/:run')
export class ShowController {
  constructor(
    private readonly page: RunPage,
    private readonly keeping: KeepLonger,
    private readonly expiry: RunExpiry,
    private readonly chains: RunChains,
  ) {}

  @Get()
  @Access('runViewer')
  @Render('show/run')
  async show(@Visitor() person: User | null, @CurrentRun() run: Run, @Req() request: Request): Promise<RunView & RunChain> {
    const project = request.project ?? null;
    const view = await this.page.show(run, project, { person, grant: request.grant ?? null });
    return { ...view, ...(await this.chains.of(person, project, run)) };
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
    const isDone = keep ? await this.keeping.keepAsOwner(run) : (await this.keeping.keepRun(run.id, 'asUsual')) === 'let_go';
    const limitMs = this.expiry.ownersLimitMs(run);
    const isGuest = request.user?.kind === 'guest';
    if (!isDone) flash(request, 'warn', 'operations.keptTooLate', { number: run.id });
    else if (!keep) flash(request, 'ok', 'show.flashLetGo');
    else if (isGuest) flash(request, 'ok', 'show.flashKeptGuest');
    else if (limitMs === null) flash(request, 'ok', 'show.flashKept');
    else flash(request, 'ok', 'operations.flashKeptLonger');
    redirect(response, `/runs/${run.id}`);
  }
}
