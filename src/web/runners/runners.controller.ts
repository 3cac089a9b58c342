import { Body, Controller, Get, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import { InvalidInputError, NotFoundError } from '../../common/errors';
import { Poke } from '../../common/queue/poke.service';
import { QueueStore } from '../../common/queue/queue-store';
import type { RunnerMode } from '../../common/queue/runner-mode';
import type { User } from '../../common/users/user.entity';
import { text, type TextKey } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash, type UndoForm } from '../http/flash';
import { fieldText } from '../http/form';
import { RunnersPage, type RunnersView } from './runners-page.service';

const SAID = new Map<string, TextKey>([
  ['active', 'runners.flashActive'],
  ['paused', 'runners.flashPaused'],
  ['draining', 'runners.flashDraining'],
]);

/** The runners as administrators see and steer them. */
@Controller()
export class RunnersController {
  constructor(
    private readonly page: RunnersPage,
    private readonly store: QueueStore,
    private readonly poke: Poke,
    private readonly config: AppConfig,
  ) {}

  /** Where it was before there was an area for administrators. */
  @Get('runners')
  @Access('admin')
  moved(@Res() response: Response): void {
    redirect(response, '/admin/runners');
  }

  @Get('admin/runners')
  @Access('admin')
  @Render('runners/index')
  async index(@CurrentPerson() person: User): Promise<RunnersView & { title: string; hasRunnersLink: true }> {
    return { title: text('runners.title'), hasRunnersLink: true, ...(await this.page.show(person)) };
  }

  /** Pause, finish and stop, resume: each is undone by another. The name is a field because it may hold any character. */
  @Post('admin/runners/mode')
  @Audited('runner.set-mode')
  @Access('admin')
  async setMode(@CurrentPerson() person: User, @Body() body: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const runner = fieldText(body, 'runner');
    const mode = fieldText(body, 'mode');
    tellAudit(request, { object: { kind: 'runner', id: runner.slice(0, 64), name: runner }, details: { mode } });
    const said = SAID.get(mode);
    if (said === undefined) throw new InvalidInputError('runners.noSuchMode');
    const standing = await this.page.standing(runner);
    if (!(await this.store.setRunnerMode(runner, mode as RunnerMode, person.displayName)))
      throw new NotFoundError('runners.noSuchRunner', { runner });
    void this.poke.pokeRunners();
    const isHeard = mode !== 'active' || standing?.isAlive === true;
    flash(request, 'ok', isHeard ? said : 'runners.flashNotAlive', { runner }, undoOf(runner, mode, standing?.mode));
    redirect(response, '/admin/runners');
  }

  /** For a runner that is gone for ever. One that comes back enters itself again. */
  @Post('admin/runners/remove')
  @Audited('runner.remove')
  @Access('admin')
  async remove(@Body() body: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const runner = fieldText(body, 'runner');
    tellAudit(request, { object: { kind: 'runner', id: runner.slice(0, 64), name: runner } });
    const isGone = await this.store.removeRunner(runner, this.config.settings.RUNNER_STALE);
    if (!isGone) tellAudit(request, { hasFailed: true });
    flash(request, isGone ? 'ok' : 'warn', isGone ? 'operations.runnerRemoved' : 'operations.runnerNotRemoved', { runner });
    redirect(response, '/admin/runners');
  }
}

/** Sets the mode that it had. */
function undoOf(runner: string, mode: string, before: RunnerMode | undefined): UndoForm | undefined {
  if (before === undefined || before === mode) return undefined;
  return {
    path: '/admin/runners/mode',
    fields: [
      ['runner', runner],
      ['mode', before],
    ],
  };
}
