import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import type { Project } from '../../../common/projects/project.entity';
import { FINAL_STATES, HELD_STATES, RUN_STATES, type RunState } from '../../../common/queue/run-state';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject, CurrentRun } from '../../http/access/current';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, pageQuery, type Page } from '../contract/paging';
import { says } from '../contract/words';
import { RunJsons } from './run-json';
import { RunListsRepository, type RunFilter } from './run-lists.repository';
import { runSchema, runSummarySchema, type RunJson, type RunSummaryJson } from './run-schemas';

/** Groups of states that programs can ask for, beside single ones. */
const GROUPS: Readonly<Record<string, readonly RunState[]>> = {
  waiting: ['scheduled', 'queued'],
  active: HELD_STATES,
  finished: FINAL_STATES,
};

const FILTERS = {
  state: says(z.enum([...RUN_STATES, 'waiting', 'active', 'finished']).optional(), 'api.filterState'),
  pipeline: says(z.string().min(1).max(100).optional(), 'api.filterPipeline'),
};

const myRunsQuery = pageQuery({ ...FILTERS, project: says(z.uuid().optional(), 'api.filterProject') });
const projectRunsQuery = pageQuery(FILTERS);
const position = z.int().min(1);

/** Runs, as lists and one by one. */
@Controller(API_ROOT)
export class ApiRunsController {
  constructor(
    private readonly lists: RunListsRepository,
    private readonly jsons: RunJsons,
  ) {}

  @Get('runs')
  @Api({
    area: 'runs',
    summary: 'api.listRuns',
    scope: 'read',
    query: myRunsQuery,
    answer: pageOf(runSummarySchema),
    example: { query: { state: 'finished', limit: '10' } },
  })
  @Access('person')
  mine(@CurrentPerson() person: User, @ApiQuery() query: z.infer<typeof myRunsQuery>): Promise<Page<RunSummaryJson>> {
    return this.page(person, { ownerId: person.id, projectId: query.project, ...filterOf(query) }, query.limit);
  }

  @Get('projects/:project/runs')
  @Api({ area: 'runs', summary: 'api.listProjectRuns', scope: 'read', query: projectRunsQuery, answer: pageOf(runSummarySchema) })
  @Access('projectReader')
  ofProject(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiQuery() query: z.infer<typeof projectRunsQuery>,
  ): Promise<Page<RunSummaryJson>> {
    return this.page(person, { projectId: project.id, ...filterOf(query) }, query.limit);
  }

  @Get('runs/:run')
  @Api({ area: 'runs', summary: 'api.showRun', scope: 'read', answer: runSchema })
  @Access('runReader')
  one(@CurrentPerson() person: User, @CurrentRun() run: Run): Promise<RunJson> {
    return this.jsons.whole(person, run);
  }

  private async page(person: User, filter: RunFilter, limit: number): Promise<Page<RunSummaryJson>> {
    const { runs, next } = await this.lists.list(filter, limit);
    return { items: await this.jsons.summaries(person, runs), next: next === null ? null : encodeCursor(next) };
  }
}

function filterOf({ state, pipeline, after }: z.infer<typeof projectRunsQuery>): Pick<RunFilter, 'states' | 'pipelineId' | 'before'> {
  const states = state === undefined ? undefined : (GROUPS[state] ?? [state as RunState]);
  return { ...(states && { states }), pipelineId: pipeline, before: decodeCursor(position, after) };
}
