import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../../common/errors';
import { QueueSteering, STEERINGS, type Steered, type Steering } from '../../../common/queue/queue-steering';
import type { User } from '../../../common/users/user.entity';
import { formatList } from '../../../locales/formats';
import { text, type TextKey } from '../../../locales/text';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { redirect } from '../../http/addresses';
import { flash, type UndoForm } from '../../http/flash';
import { asFormErrors, fieldText, fieldTexts, showAgain } from '../../http/form';
import { QueueAdminPage } from './queue-admin-page.service';

const MOST_PICKED = 1000;
const MOST_NAMED = 8;
const DONE: Record<Steering, TextKey> = {
  front: 'operations.steeredFront',
  back: 'operations.steeredBack',
  hold: 'operations.steeredHold',
  release: 'operations.steeredRelease',
  cancel: 'operations.steeredCancel',
};
/** What undoes it, where anything does. */
const UNDONE: Partial<Record<Steering, Steering>> = { hold: 'release', release: 'hold' };

/** The order of the queue, and what may start at all. Each form names what it is about, so that a page that is old does no harm. */
@Controller('admin/queue')
export class QueueAdminController {
  constructor(
    private readonly page: QueueAdminPage,
    private readonly steering: QueueSteering,
  ) {}

  @Get()
  @Access('admin')
  async index(@Query() query: Record<string, unknown>, @Res() response: Response): Promise<void> {
    response.render('admin/queue', await this.page.of({ words: fieldText(query, 'q') }));
  }

  /** The same for all that were picked; or, with the button of a row, for this one run. */
  @Post('steer')
  @Audited('queue.steer')
  @Access('admin')
  async steer(@CurrentPerson() person: User, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const [reason, words] = [fieldText(form, 'reason'), fieldText(form, 'q')];
    const picked = numbersIn(fieldTexts(form, 'run'));
    const wanted = fieldText(form, 'steering');
    try {
      const steering = STEERINGS.find((one) => one === wanted);
      if (!steering) throw new InvalidInputError('operations.chooseSteering', {}, 'steering');
      if (picked.length === 0) throw new InvalidInputError('operations.pickRuns', {}, 'run');
      if (steering === 'cancel' && reason.trim() === '') throw new InvalidInputError('operations.reasonNeeded', {}, 'reason');
      tellAudit(request, { details: { steering, runs: picked.join(', '), reason } });
      const steered = await this.steering.steer(steering, picked, person.displayName, reason);
      tellAudit(request, {
        details: { done: steered.done.length, left: steered.left.length },
        ...(steered.done.length === 0 ? { hasFailed: true } : {}),
      });
      tell(request, steering, steered);
    } catch (error) {
      const model = await this.page.of({ words, picked, reason, steering: wanted });
      return showAgain(response, 'admin/queue', model, asFormErrors(error));
    }
    redirect(response, pageOf(words));
  }

  /** `12 before 11`, from the button of a row, or from three fields. */
  @Post('place')
  @Audited('queue.place')
  @Access('admin')
  async place(@Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const words = fieldText(form, 'q');
    const move = fieldText(form, 'move');
    const entered = move === '' ? ['moved', 'side', 'other'].map((name) => fieldText(form, name)) : move.split(' ');
    const [moved, side, other] = entered;
    const [runId] = numbersIn([moved ?? '']);
    const [otherId] = numbersIn([other ?? '']);
    if (runId === undefined || otherId === undefined || (side !== 'before' && side !== 'after')) {
      const model = await this.page.of({ words, move: { moved: moved ?? '', side: side ?? '', other: other ?? '' } });
      return showAgain(response, 'admin/queue', model, { move: text('operations.whichRuns') });
    }
    tellAudit(request, { object: { kind: 'run', id: runId }, details: { side, other: otherId } });
    const fault = await this.steering.moveBeside(runId, otherId, side);
    if (fault !== null) tellAudit(request, { hasFailed: true });
    if (fault !== null) flash(request, 'warn', 'operations.notMoved', { sentence: fault });
    else flash(request, 'ok', side === 'before' ? 'operations.movedBefore' : 'operations.movedAfter', { number: runId, other: otherId });
    redirect(response, pageOf(words));
  }

  /** Nothing new starts, wherever. */
  @Post('hold')
  @Audited('queue.hold')
  @Access('admin')
  async hold(@CurrentPerson() person: User, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const reason = fieldText(form, 'why');
    try {
      tellAudit(request, { details: { reason } });
      const isNew = await this.steering.holdAll(person.displayName, reason);
      flash(request, isNew ? 'ok' : 'warn', isNew ? 'operations.queueHeld' : 'operations.queueHeldAlready');
    } catch (error) {
      const errors = asFormErrors(error);
      return showAgain(response, 'admin/queue', await this.page.of({ why: reason }), { why: Object.values(errors)[0] });
    }
    redirect(response, '/admin/queue');
  }

  @Post('release')
  @Audited('queue.release')
  @Access('admin')
  async release(@Req() request: Request, @Res() response: Response): Promise<void> {
    const isChanged = await this.steering.letAllGo();
    flash(request, isChanged ? 'ok' : 'warn', isChanged ? 'operations.queueLetGo' : 'operations.queueLetGoAlready');
    redirect(response, '/admin/queue');
  }
}

function tell(request: Request, steering: Steering, { done, left }: Steered): void {
  const parts = [
    done.length > 0 ? text(DONE[steering], { count: done.length, runs: named(done) }) : '',
    ...left.slice(0, MOST_NAMED).map(({ sentence }) => sentence),
    left.length > MOST_NAMED ? text('operations.moreLeft', { count: left.length - MOST_NAMED }) : '',
  ];
  const words = parts.filter((part) => part !== '').join(' ');
  flash(request, left.length === 0 ? 'ok' : 'warn', 'operations.told', { words }, undoOf(steering, done));
}

function named(runs: readonly number[]): string {
  const shown = runs.slice(0, MOST_NAMED).map((id) => `#${id}`);
  const more = runs.length - shown.length;
  return formatList(more > 0 ? [...shown, text('operations.andMore', { count: more })] : shown);
}

function undoOf(steering: Steering, done: readonly number[]): UndoForm | undefined {
  const back = UNDONE[steering];
  if (!back || done.length === 0) return undefined;
  return { path: '/admin/queue/steer', fields: [['steering', back], ...done.map((id): [string, string] => ['run', String(id)])] };
}

function numbersIn(entered: readonly string[]): number[] {
  const numbers = entered.slice(0, MOST_PICKED).flatMap((one) => {
    const digits = /^\s*#?([1-9]\d{0,9})\s*$/.exec(one)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return numbers.filter((number) => number <= 0x7f_ff_ff_ff);
}

function pageOf(words: string): string {
  return words === '' ? '/admin/queue' : `/admin/queue?q=${encodeURIComponent(words.slice(0, 100))}`;
}
