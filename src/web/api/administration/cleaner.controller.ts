import { Controller, Get, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { CleaningPreview } from '../../../common/cleaning/cleaning-preview';
import { CleaningsRepository } from '../../../common/cleaning/cleanings.repository';
import { parseKeepDate } from '../../../common/cleaning/keep-date';
import { KeepLonger, type KeepWish } from '../../../common/cleaning/keep-longer';
import { InvalidInputError } from '../../../common/errors';
import { QueueStore } from '../../../common/queue/queue-store';
import { CleanerRows } from '../../admin/cleaning/cleaner-rows.service';
import { Access } from '../../http/access/access.decorator';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

/** No more of them are written down. */
const CLEANINGS = 200;
const MEASURED_FOR_MS = 2500;
const time = z.iso.datetime();
const runNumber = z.int().min(1).max(999_999_999);

const previewQuery = z.strictObject({ days: says(z.coerce.number().int().min(0).max(365).default(7), 'apiAdmin.previewDays') });
const previewSchema = z
  .object({
    items: z.array(
      z.object({
        kind: says(z.string(), 'apiAdmin.wasteKind'),
        what: says(z.string(), 'apiAdmin.wasteWhat'),
        dueAt: says(time, 'apiAdmin.wasteDue'),
        owner: says(z.object({ id: z.string(), name: z.string() }).nullable(), 'apiAdmin.wasteOwner'),
        run: says(z.int().nullable(), 'apiAdmin.wasteRun'),
        project: says(z.string().nullable(), 'apiAdmin.wasteProject'),
        files: says(z.number().nullable(), 'apiAdmin.wasteAmount'),
        bytes: says(z.number().nullable(), 'apiAdmin.wasteAmount'),
      }),
    ),
    bytes: says(z.number(), 'apiAdmin.wasteBytes'),
    isCut: says(z.boolean(), 'apiAdmin.wasteIsCut'),
  })
  .meta({ id: 'CleaningAhead' });
const cleaningsSchema = z.object({
  items: z.array(
    z
      .object({
        id: z.int(),
        startedAt: time,
        finishedAt: says(time.nullable(), 'apiAdmin.cleaningEnd'),
        failures: says(z.int(), 'apiAdmin.cleaningFailures'),
        chores: z.array(z.object({ name: z.string(), count: z.int(), files: z.number(), bytes: z.number(), failures: z.int() })),
      })
      .meta({ id: 'Cleaning' }),
  ),
  next: z.null(),
});
const until = says(time.nullable(), 'apiAdmin.keptUntil');
const keptSchema = z
  .object({
    runs: z.array(z.object({ id: z.int(), pipeline: z.string(), project: z.string(), until })),
    projects: z.array(z.object({ id: z.string(), name: z.string(), until })),
    isCut: says(z.boolean(), 'apiAdmin.keptIsCut'),
  })
  .meta({ id: 'KeptLonger' });
const things = {
  runs: says(z.array(runNumber).max(1000).default([]), 'apiAdmin.keepRuns'),
  projects: says(z.array(z.string().max(36)).max(1000).default([]), 'apiAdmin.keepProjects'),
};
const keepOrder = z.strictObject({ ...things, until: says(z.string().max(20), 'apiAdmin.keepUntil') });
const letGoOrder = z.strictObject(things);
const outcomesSchema = z
  .object({
    runs: z.array(
      z.object({
        id: z.int(),
        outcome: says(z.enum(['kept', 'let_go', 'too_late', 'not_found', 'not_over']), 'apiAdmin.keepOutcome'),
      }),
    ),
    projects: z.array(
      z.object({ id: z.string(), outcome: z.enum(['kept', 'let_go', 'not_found']), tooLate: says(z.int(), 'apiAdmin.keepTooLate') }),
    ),
  })
  .meta({ id: 'KeepOutcomes' });

type Outcomes = z.infer<typeof outcomesSchema>;

/** What the cleaner did and will do, and what it leaves alone; for programs of administrators. */
@Controller(`${API_ROOT}/admin/cleaner`)
export class ApiCleanerController {
  constructor(
    private readonly preview: CleaningPreview,
    private readonly cleanings: CleaningsRepository,
    private readonly rows: CleanerRows,
    private readonly keeping: KeepLonger,
    private readonly queue: QueueStore,
  ) {}

  @Get('preview')
  @Api({ area: 'administration', summary: 'apiAdmin.showPreview', scope: 'admin', query: previewQuery, answer: previewSchema })
  @Access('admin')
  async ahead(@ApiQuery() { days }: z.infer<typeof previewQuery>): Promise<z.infer<typeof previewSchema>> {
    const { items, bytes, isCut } = await this.preview.of(days, MEASURED_FOR_MS);
    return {
      items: items.map(({ chore, what, dueMs, ownerId, owner, runId, projectId, files, bytes: size }) => ({
        kind: chore,
        what,
        dueAt: isoTime(dueMs),
        owner: ownerId === null ? null : { id: ownerId, name: owner },
        run: runId,
        project: projectId,
        files,
        bytes: size,
      })),
      bytes,
      isCut,
    };
  }

  @Get('cleanings')
  @Api({ area: 'administration', summary: 'apiAdmin.listCleanings', scope: 'admin', answer: cleaningsSchema })
  @Access('admin')
  async list(): Promise<z.infer<typeof cleaningsSchema>> {
    const items = (await this.cleanings.latest(CLEANINGS)).map(({ id, startedMs, finishedMs, failures, details }) => {
      return { id, startedAt: isoTime(startedMs), finishedAt: isoTimeOrNull(finishedMs), failures, chores: details };
    });
    return { items, next: null };
  }

  @Get('kept')
  @Api({ area: 'administration', summary: 'apiAdmin.listKept', scope: 'admin', answer: keptSchema })
  @Access('admin')
  async kept(): Promise<z.infer<typeof keptSchema>> {
    const { keptRuns, keptProjects, isKeptCut } = await this.rows.kept(await this.queue.nowMs());
    return {
      runs: keptRuns.map(({ id, pipeline, project, untilMs }) => ({ id, pipeline, project, until: isoTimeOrNull(untilMs) })),
      projects: keptProjects.map(({ id, name, untilMs }) => ({ id, name, until: isoTimeOrNull(untilMs) })),
      isCut: isKeptCut,
    };
  }

  @Post('keep')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.keepLonger',
    scope: 'admin',
    body: keepOrder,
    answer: outcomesSchema,
    example: { body: { runs: [12], until: '2027-03-31' } },
  })
  @Audited('cleaner.keep')
  @Access('admin')
  async keep(@ApiBody() { until: wanted, ...order }: z.infer<typeof keepOrder>, @Req() request: Request): Promise<Outcomes> {
    return this.decide(order, wanted === 'forEver' ? 'forEver' : { untilMs: parseKeepDate(wanted, Date.now()) }, request, wanted);
  }

  @Post('let-go')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.letGo',
    scope: 'admin',
    body: letGoOrder,
    answer: outcomesSchema,
    example: { body: { runs: [12] } },
  })
  @Audited('cleaner.let-go')
  @Access('admin')
  async letGo(@ApiBody() order: z.infer<typeof letGoOrder>, @Req() request: Request): Promise<Outcomes> {
    return this.decide(order, 'asUsual', request, '');
  }

  private async decide({ runs, projects }: z.infer<typeof letGoOrder>, wish: KeepWish, request: Request, keep: string): Promise<Outcomes> {
    if (runs.length + projects.length === 0) throw new InvalidInputError('operations.pickRuns', {}, 'runs');
    const details = { runs: runs.join(', '), projects: projects.join(', ') };
    tellAudit(request, { details: keep === '' ? details : { ...details, keep } });
    const outcomes: Outcomes = { runs: [], projects: [] };
    for (const id of new Set(runs)) outcomes.runs.push({ id, outcome: await this.keeping.keepRun(id, wish) });
    for (const id of new Set(projects)) outcomes.projects.push({ id, ...(await this.keeping.keepProject(id, wish)) });
    const isDone = [...outcomes.runs, ...outcomes.projects].some(({ outcome }) => outcome === 'kept' || outcome === 'let_go');
    if (!isDone) tellAudit(request, { hasFailed: true });
    return outcomes;
  }
}
