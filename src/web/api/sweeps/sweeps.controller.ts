import { Controller, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { SweepSteps } from '../../sweeps/sweep-steps';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, plainPageQuery, type Page, type PageQuery } from '../contract/paging';
import { says } from '../contract/words';
import { RunJsons } from '../runs/run-json';
import { isoTime, runSummarySchema, sweepSchema, type RunSummaryJson, type SweepJson } from '../runs/run-schemas';
import { sweepJson } from '../runs/sweep-json';

const runsQuery = plainPageQuery;
const position = z.int().min(0);
const cancelledSchema = z.object({
  count: says(z.int(), 'api.sweepCancelled'),
  since: says(z.iso.datetime(), 'api.sweepSince'),
});
const requeueSchema = z.strictObject({ since: says(z.iso.datetime(), 'api.sweepSince') });
const requeuedSchema = z.object({ count: says(z.int(), 'api.sweepRequeued') });

/** Runs that were asked for together. */
@Controller(`${API_ROOT}/projects/:project/sweeps/:sweep`)
export class ApiSweepsController {
  constructor(
    private readonly steps: SweepSteps,
    private readonly jsons: RunJsons,
  ) {}

  @Get()
  @Api({ area: 'sweeps', summary: 'api.showSweep', scope: 'read', answer: sweepSchema })
  @Access('projectReader')
  async show(@CurrentProject() project: Project, @Param('sweep') id: string): Promise<SweepJson> {
    const sweep = await this.steps.find(project, id);
    const runs = await this.steps.runsOf(sweep);
    return sweepJson(
      sweep,
      runs.map(({ run }) => run),
    );
  }

  @Get('runs')
  @Api({ area: 'sweeps', summary: 'api.listSweepRuns', scope: 'read', query: runsQuery, answer: pageOf(runSummarySchema) })
  @Access('projectReader')
  async runs(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('sweep') id: string,
    @ApiQuery() { limit, after }: PageQuery,
  ): Promise<Page<RunSummaryJson>> {
    const from = decodeCursor(position, after) ?? 0;
    const all = await this.steps.runsOf(await this.steps.find(project, id));
    const left = all.filter(({ position: place }) => place >= from);
    const next = left.at(limit)?.position;
    const page = left.slice(0, limit).map(({ run }) => run);
    return { items: await this.jsons.summaries(person, page), next: next === undefined ? null : encodeCursor(next) };
  }

  @Post('cancel')
  @Api({ area: 'sweeps', summary: 'api.cancelSweep', scope: 'run', answer: cancelledSchema })
  @Audited('run.cancel-several')
  @Access('projectRunner')
  async cancel(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('sweep') id: string,
  ): Promise<z.infer<typeof cancelledSchema>> {
    const { count, sinceMs } = await this.steps.cancel(person, project, id);
    return { count, since: isoTime(sinceMs) };
  }

  @Post('requeue')
  @Api({
    area: 'sweeps',
    summary: 'api.requeueSweep',
    scope: 'run',
    body: requeueSchema,
    answer: requeuedSchema,
    example: { body: { since: '2026-11-26T12:00:00.000Z' } },
  })
  @Audited('run.queue-several-again')
  @Access('projectRunner')
  async queueAgain(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('sweep') id: string,
    @ApiBody() { since }: z.infer<typeof requeueSchema>,
  ): Promise<z.infer<typeof requeuedSchema>> {
    const { count } = await this.steps.queueAgain(person, project, id, Date.parse(since));
    return { count };
  }
}
