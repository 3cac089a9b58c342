import { Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { OrderOutcome } from '../../../common/api-orders/api-orders.repository';
import { ConflictError } from '../../../common/errors';
import type { Project } from '../../../common/projects/project.entity';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject, CurrentRun } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { RunRepeat } from '../../run/run-repeat';
import { SweepSteps } from '../../sweeps/sweep-steps';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { Once } from './once';
import { RunJsons } from './run-json';
import { dryRunSchema, orderedSchema, runOrderQuery, runOrderSchema, type DryRun, type Ordered, type RunOrder } from './run-order-schemas';
import { RunOrders } from './run-orders';
import { runSchema, type RunJson } from './run-schemas';
import { sweepJson } from './sweep-json';

const KEY_HEADER = { 'Idempotency-Key': 'api.orderKey' } as const;
const KEY_ANSWER = { 'Idempotency-Replayed': 'api.orderReplayed', Location: 'api.orderLocation' } as const;

/** Asking for runs. */
@Controller(API_ROOT)
export class ApiRunOrdersController {
  constructor(
    private readonly orders: RunOrders,
    private readonly once: Once,
    private readonly jsons: RunJsons,
    private readonly repeat: RunRepeat,
    private readonly sweeps: SweepSteps,
  ) {}

  @Post('projects/:project/runs')
  @Api({
    area: 'runs',
    summary: 'api.orderRun',
    scope: 'run',
    query: runOrderQuery,
    body: runOrderSchema,
    headers: KEY_HEADER,
    answer: orderedSchema,
    status: 201,
    others: { 200: dryRunSchema },
    answerHeaders: KEY_ANSWER,
    example: { body: { pipeline: 'nuclei', parameters: { image: 'project:cells.png', sigma: 1.5 } } },
  })
  @Audited('run.start')
  @Access('projectRunner')
  async order(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiQuery() { dryRun }: z.infer<typeof runOrderQuery>,
    @ApiBody() order: RunOrder,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Ordered | DryRun> {
    tellAudit(request, { details: { pipeline: order.pipeline, project: project.name, ...(order.sweep ? { several: true } : {}) } });
    if (dryRun === 'true') {
      tellAudit(request, { isNothing: true });
      response.status(200);
      return this.orders.dryRun(person, project, order);
    }
    const outcome = await this.once.do({ request, response, person }, [project.id, order], (submission) =>
      this.orders.place(person, project, order, submission),
    );
    return this.answer(person, project, outcome, { request, response });
  }

  @Post('runs/:run/again')
  @Api({
    area: 'runs',
    summary: 'api.runAgain',
    scope: 'run',
    headers: KEY_HEADER,
    answer: runSchema,
    status: 201,
    answerHeaders: KEY_ANSWER,
  })
  @Audited('run.start-again')
  @Access('projectRunner')
  async again(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @CurrentRun() run: Run,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunJson> {
    const outcome = await this.once.do({ request, response, person }, ['again', run.id], async (submission) => {
      const asked = await this.repeat.again(person, project, run, submission);
      if (typeof asked !== 'number') throw new ConflictError(asked.key, asked.values);
      return { runId: asked };
    });
    tellAudit(request, { details: { again: run.id } });
    return ((await this.answer(person, project, outcome, { request, response })) as { run: RunJson }).run;
  }

  private async answer(
    person: User,
    project: Project,
    outcome: OrderOutcome,
    { request, response }: { request: Request; response: Response },
  ): Promise<Ordered> {
    if ('runId' in outcome) {
      const run = await this.jsons.byNumber(person, outcome.runId);
      tellAudit(request, { object: { kind: 'run', id: run.id, name: run.pipeline.title } });
      response.location(`${request.app.locals.basePath}/${API_ROOT}/runs/${run.id}`);
      return { run };
    }
    const sweep = await this.sweeps.find(project, outcome.sweepId);
    const runs = (await this.sweeps.runsOf(sweep)).map(({ run }) => run);
    response.location(`${request.app.locals.basePath}/${API_ROOT}/projects/${project.id}/sweeps/${sweep.id}`);
    return { sweep: sweepJson(sweep, runs), runs: runs.map(({ id }) => id) };
  }
}
