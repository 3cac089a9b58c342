import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { parseKeepDate } from '../../../common/cleaning/keep-date';
import { KeepLonger, type KeepWish } from '../../../common/cleaning/keep-longer';
import { InvalidInputError } from '../../../common/errors';
import { RunsRepository } from '../../../common/queue/runs.repository';
import { text } from '../../../locales/text';
import { Access } from '../../http/access/access.decorator';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { redirect } from '../../http/addresses';
import { flash } from '../../http/flash';
import { asFormErrors, fieldText, fieldTexts, showAgain } from '../../http/form';
import { CleanerAdminPage } from './cleaner-admin-page.service';

const MOST_PICKED = 1000;

/** What the cleaner did, what it will do, and what it leaves alone. */
@Controller('admin/cleaner')
export class CleanerAdminController {
  constructor(
    private readonly page: CleanerAdminPage,
    private readonly keeping: KeepLonger,
    private readonly runs: RunsRepository,
  ) {}

  @Get()
  @Access('admin')
  async index(@Query() query: Record<string, unknown>, @Res() response: Response): Promise<void> {
    response.render('admin/cleaner', await this.page.of({ days: fieldText(query, 'days') }));
  }

  /** Keeps the runs that were picked, or their projects with all runs that are still to come. */
  @Post('keep')
  @Audited('cleaner.keep')
  @Access('admin')
  async keep(@Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const picked = fieldTexts(form, 'run')
      .slice(0, MOST_PICKED)
      .filter((one) => /^[1-9]\d{0,8}$/.test(one))
      .map(Number);
    const [until, days] = [fieldText(form, 'until'), fieldText(form, 'days')];
    try {
      if (picked.length === 0) throw new InvalidInputError('operations.pickRuns', {}, 'run');
      const wish = wishIn(form, until);
      const isOfProjects = fieldText(form, 'what') === 'projects';
      const keep = wish === 'forEver' ? 'for ever' : until;
      tellAudit(request, { details: { runs: picked.join(', '), what: isOfProjects ? 'their projects' : 'runs', keep } });
      const told = isOfProjects ? await this.keepProjects(picked, wish) : await this.keepRuns(picked, wish);
      flash(request, told.isGood ? 'ok' : 'warn', 'operations.told', { words: told.words });
    } catch (error) {
      return showAgain(response, 'admin/cleaner', await this.page.of({ days, picked, until }), asFormErrors(error));
    }
    redirect(response, `/admin/cleaner?days=${encodeURIComponent(days.slice(0, 3) || '7')}`);
  }

  /** One run or project goes when all others of its age go. */
  @Post('let-go')
  @Audited('cleaner.let-go')
  @Access('admin')
  async letGo(@Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const [run, project] = [fieldText(form, 'run'), fieldText(form, 'project')];
    tellAudit(request, { object: run === '' ? { kind: 'project', id: project.slice(0, 36) } : { kind: 'run', id: run.slice(0, 12) } });
    if (/^[1-9]\d{0,8}$/.test(run)) {
      const outcome = await this.keeping.keepRun(Number(run), 'asUsual');
      flash(request, outcome === 'let_go' ? 'ok' : 'warn', outcome === 'let_go' ? 'operations.runLetGo' : 'operations.runGone', {
        number: run,
      });
    } else {
      const { outcome } = await this.keeping.keepProject(project.slice(0, 36), 'asUsual');
      flash(request, outcome === 'let_go' ? 'ok' : 'warn', outcome === 'let_go' ? 'operations.projectLetGo' : 'operations.projectGone');
    }
    redirect(response, '/admin/cleaner');
  }

  private async keepRuns(picked: readonly number[], wish: KeepWish): Promise<{ words: string; isGood: boolean }> {
    const outcomes = [];
    for (const runId of picked) outcomes.push(await this.keeping.keepRun(runId, wish));
    const kept = outcomes.filter((outcome) => outcome === 'kept').length;
    const late = outcomes.length - kept;
    return {
      words: sentences([kept > 0 && text('operations.runsKept', { count: kept }), late > 0 && lateWords(late)]),
      isGood: late === 0,
    };
  }

  private async keepProjects(picked: readonly number[], wish: KeepWish): Promise<{ words: string; isGood: boolean }> {
    const projects = new Set((await this.runs.findByIds(picked)).map(({ projectId }) => projectId));
    let [kept, late] = [0, 0];
    for (const projectId of projects) {
      const { outcome, tooLate } = await this.keeping.keepProject(projectId, wish);
      if (outcome === 'kept') kept += 1;
      late += tooLate;
    }
    const words = [kept > 0 && text('operations.projectsKept', { count: kept }), late > 0 && lateWords(late)];
    return { words: sentences(words) || text('operations.projectGone'), isGood: late === 0 && kept > 0 };
  }
}

function wishIn(form: unknown, until: string): KeepWish {
  return fieldText(form, 'how') === 'forEver' ? 'forEver' : { untilMs: parseKeepDate(until, Date.now()) };
}

function lateWords(count: number): string {
  return text('operations.runsTooLate', { count });
}

function sentences(parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(' ');
}
