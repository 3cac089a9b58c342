import { Body, Controller, Get, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../common/errors';
import type { CancelOutcome, DeclareLostOutcome, FrontOutcome } from '../../common/queue/queue-store';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { text, type TextKey } from '../../locales/text';
import { Requeue } from '../admission/requeue';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson, CurrentRun } from '../http/access/current';
import { currentPath, redirect, safePath } from '../http/addresses';
import { flash, type UndoForm } from '../http/flash';
import { ComingStarts, type ComingStart } from './coming-starts';
import { QueuePage, type QueueView } from './queue-page.service';
import { readQueueQuery } from './queue-query';
import { RunCancelling } from './run-cancelling';
import { RunSteering } from './run-steering';

const SAID: Record<CancelOutcome, TextKey> = {
  cancelled: 'queue.flashCancelled',
  stopping: 'queue.flashAskedToStop',
  already_final: 'queue.flashAlreadyFinal',
  not_found: 'errors.notFound',
};

const SAID_OF_LOSS: Record<DeclareLostOutcome, TextKey> = {
  lost: 'queue.flashDeclaredLost',
  not_unknown: 'queue.flashNotUnknown',
  not_found: 'errors.notFound',
};

const SAID_OF_FRONT: Record<FrontOutcome, TextKey> = {
  moved: 'queue.flashMoved',
  not_waiting: 'queue.flashNotWaiting',
  not_found: 'errors.notFound',
};

/** The queue page, and what is done from it. */
@Controller()
export class QueueController {
  constructor(
    private readonly page: QueuePage,
    private readonly requeue: Requeue,
    private readonly cancelling: RunCancelling,
    private readonly steering: RunSteering,
    private readonly coming: ComingStarts,
  ) {}

  @Get('queue')
  @Access('person')
  @Render('queue/index')
  async index(
    @CurrentPerson() person: User,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
  ): Promise<QueueView & { title: string; back: string; hasRunnersLink: true; coming: ComingStart[] }> {
    const asked = readQueueQuery(query);
    const [view, coming] = await Promise.all([this.page.show(person, asked), this.coming.beside(person, asked)]);
    const isEmpty = view.isEmpty && coming.length === 0;
    return { title: text('queue.title'), back: currentPath(request), hasRunnersLink: true, coming, ...view, isEmpty };
  }

  @Post('runs/:run/cancel')
  @Audited('run.cancel')
  @Access('runOwner')
  async cancel(
    @CurrentPerson() person: User,
    @CurrentRun() run: Run,
    @Body() body: Record<string, unknown>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const outcome = await this.cancelling.cancel(person, run);
    if (outcome === 'already_final') tellAudit(request, { hasFailed: true });
    const isUnseen = outcome === 'stopping' && run.state === 'unknown';
    const said = isUnseen ? 'queue.flashStopsWhenSeen' : SAID[outcome];
    const kind = isUnseen || outcome === 'already_final' ? 'warn' : 'ok';
    flash(request, kind, said, { number: run.id }, outcome === 'cancelled' && isWaiting(run) ? undoOf(run, body['back']) : undefined);
    redirect(response, safePath(body['back'], `/runs/${run.id}`));
  }

  /** Undoes `cancel` where nothing had started. */
  @Post('runs/:run/requeue')
  @Audited('run.queue-again')
  @Access('runRequeuer')
  async queueAgain(
    @CurrentRun() run: Run,
    @Body() body: Record<string, unknown>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (!request.project) throw new NotFoundError('errors.noSuchProject');
    const number = await this.requeue.again(request.project, run);
    flash(request, 'ok', 'queue.flashRequeued', { number, cancelled: run.id });
    redirect(response, safePath(body['back'], `/runs/${number}`));
  }

  /** Administrators only: its place becomes free, which is wrong where its program goes on. */
  @Post('runs/:run/lost')
  @Audited('run.declare-lost')
  @Access('admin')
  async declareLost(
    @CurrentPerson() person: User,
    @CurrentRun() run: Run,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const outcome = await this.steering.declareLost(person, run);
    if (outcome !== 'lost') tellAudit(request, { hasFailed: true });
    flash(request, outcome === 'lost' ? 'ok' : 'warn', SAID_OF_LOSS[outcome], { number: run.id });
    redirect(response, `/runs/${run.id}`);
  }

  @Post('runs/:run/front')
  @Audited('run.to-front')
  @Access('admin')
  async moveToFront(
    @CurrentRun() run: Run,
    @Body() body: Record<string, unknown>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const outcome = await this.steering.toFront(run);
    if (outcome !== 'moved') tellAudit(request, { hasFailed: true });
    const sentence = outcome === 'moved' ? await this.page.waitsAtFront(run.id) : '';
    if (sentence === '') flash(request, outcome === 'moved' ? 'ok' : 'warn', SAID_OF_FRONT[outcome], { number: run.id });
    else flash(request, 'warn', 'queue.flashMovedInVain', { number: run.id, sentence });
    redirect(response, safePath(body['back'], '/queue'));
  }
}

function isWaiting({ state, starts }: Run): boolean {
  return (state === 'queued' || state === 'scheduled') && starts === 0;
}

/** @param back the page to come back to, as it was sent; none: that of the run. */
function undoOf({ id }: Run, back: unknown): UndoForm {
  const path = safePath(back, '');
  return { path: `/runs/${id}/requeue`, fields: path === '' ? [] : [['back', path]], label: text('queue.queueAgain') };
}
