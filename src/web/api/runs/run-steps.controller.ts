import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { ConflictError, NotFoundError } from '../../../common/errors';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import { Requeue } from '../../admission/requeue';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentRun } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { RunCancelling } from '../../queue/run-cancelling';
import { RunSteering } from '../../queue/run-steering';
import { API_ROOT } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { says } from '../contract/words';
import { RunJsons } from './run-json';
import { runSchema, type RunJson } from './run-schemas';

const cancelledSchema = z.object({
  outcome: says(z.enum(['cancelled', 'stopping']), 'api.cancelOutcome'),
  run: runSchema,
});

/** Ending runs, and taking that back. */
@Controller(`${API_ROOT}/runs/:run`)
export class ApiRunStepsController {
  constructor(
    private readonly cancelling: RunCancelling,
    private readonly requeue: Requeue,
    private readonly steering: RunSteering,
    private readonly jsons: RunJsons,
  ) {}

  @Post('cancel')
  @Api({ area: 'runs', summary: 'api.cancelRun', scope: 'run', answer: cancelledSchema, status: 200 })
  @Audited('run.cancel')
  @Access('runOwner')
  async cancel(@CurrentPerson() person: User, @CurrentRun() run: Run, @Req() request: Request): Promise<z.infer<typeof cancelledSchema>> {
    const outcome = await this.cancelling.cancel(person, run);
    if (outcome === 'not_found') throw new NotFoundError('errors.noSuchRun', { number: run.id });
    if (outcome === 'already_final') {
      tellAudit(request, { hasFailed: true });
      throw new ConflictError('queue.flashAlreadyFinal', { number: run.id });
    }
    return { outcome, run: await this.jsons.byNumber(person, run.id) };
  }

  @Post('requeue')
  @Api({ area: 'runs', summary: 'api.requeueRun', scope: 'run', answer: runSchema, status: 201 })
  @Audited('run.queue-again')
  @Access('runRequeuer')
  async queueAgain(@CurrentPerson() person: User, @CurrentRun() run: Run, @Req() request: Request): Promise<RunJson> {
    if (!request.project) throw new NotFoundError('errors.noSuchProject');
    return this.jsons.byNumber(person, await this.requeue.again(request.project, run));
  }

  @Post('lost')
  @Api({ area: 'administration', summary: 'apiAdmin.declareLost', scope: 'admin', answer: runSchema, status: 200 })
  @Audited('run.declare-lost')
  @Access('admin')
  async declareLost(@CurrentPerson() person: User, @CurrentRun() run: Run): Promise<RunJson> {
    const outcome = await this.steering.declareLost(person, run);
    if (outcome === 'not_found') throw new NotFoundError('errors.noSuchRun', { number: run.id });
    if (outcome === 'not_unknown') throw new ConflictError('queue.flashNotUnknown', { number: run.id });
    return this.jsons.byNumber(person, run.id);
  }
}
