import { Controller, Get, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { ConflictError, InvalidInputError } from '../../../common/errors';
import { QueueSteering, STEERINGS } from '../../../common/queue/queue-steering';
import { RUN_STATES } from '../../../common/queue/run-state';
import type { User } from '../../../common/users/user.entity';
import { QueueAdminPage, type QueuedRow } from '../../admin/queue/queue-admin-page.service';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const runNumber = z.int().min(1).max(999_999_999);
const reason = says(z.string().max(1000).default(''), 'apiAdmin.reason');

const steerOrder = z.strictObject({
  steering: says(z.enum(STEERINGS), 'apiAdmin.steering'),
  runs: says(z.array(runNumber).min(1).max(1000), 'apiAdmin.steeredRuns'),
  reason,
});
const steeredSchema = z
  .object({
    done: says(z.array(z.int()), 'apiAdmin.steeredDone'),
    left: says(z.array(z.object({ runId: z.int(), sentence: z.string() })), 'apiAdmin.steeredLeft'),
  })
  .meta({ id: 'Steered' });
const placeOrder = z.strictObject({ run: runNumber, side: z.enum(['before', 'after']), other: runNumber });
const holdOrder = z.strictObject({ reason });
const holdSchema = z.object({ isChanged: says(z.boolean(), 'apiAdmin.isChanged') });

const queuedSchema = z
  .object({
    id: z.int(),
    pipeline: z.string(),
    requester: z.string(),
    state: z.enum(RUN_STATES),
    isOnHold: says(z.boolean(), 'apiAdmin.queuedOnHold'),
    sentence: says(z.string(), 'api.runSentence'),
    startsAt: says(z.iso.datetime().nullable(), 'api.runStartsAt'),
    position: says(z.int().nullable(), 'apiAdmin.queuedPosition'),
  })
  .meta({ id: 'QueuedRun' });
const queueQuery = z.strictObject({ words: says(z.string().max(100).default(''), 'apiAdmin.queueWords') });
const queueSchema = z
  .object({
    hold: says(z.object({ since: z.iso.datetime(), by: z.string(), reason: z.string() }).nullable(), 'apiAdmin.queueHold'),
    running: z.array(queuedSchema),
    waiting: says(z.array(queuedSchema), 'apiAdmin.queueOrder'),
    more: says(z.int(), 'apiAdmin.queueMore'),
  })
  .meta({ id: 'QueueOrder' });

/** The order of the queue, and what may start at all, for programs of administrators. */
@Controller(`${API_ROOT}/admin/queue`)
export class ApiQueueOrderController {
  constructor(
    private readonly steering: QueueSteering,
    private readonly page: QueueAdminPage,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.showQueue', scope: 'admin', query: queueQuery, answer: queueSchema })
  @Access('admin')
  async show(@ApiQuery() { words }: z.infer<typeof queueQuery>): Promise<z.infer<typeof queueSchema>> {
    const { hold, running, waiting, more } = await this.page.of({ words });
    return {
      hold: hold && { since: isoTime(hold.sinceMs), by: hold.by, reason: hold.note },
      running: running.map(queuedJson),
      waiting: waiting.map(queuedJson),
      more,
    };
  }

  @Post('steer')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.steer',
    scope: 'admin',
    body: steerOrder,
    answer: steeredSchema,
    example: { body: { steering: 'front', runs: [12] } },
  })
  @Audited('queue.steer')
  @Access('admin')
  async steer(
    @CurrentPerson() person: User,
    @ApiBody() order: z.infer<typeof steerOrder>,
    @Req() request: Request,
  ): Promise<z.infer<typeof steeredSchema>> {
    const { steering, runs, reason: why } = order;
    if (steering === 'cancel' && why.trim() === '') throw new InvalidInputError('operations.reasonNeeded', {}, 'reason');
    tellAudit(request, { details: { steering, runs: runs.join(', '), reason: why } });
    const steered = await this.steering.steer(steering, runs, person.displayName, why);
    if (steered.done.length === 0) tellAudit(request, { hasFailed: true });
    return steered;
  }

  @Post('place')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.place',
    scope: 'admin',
    body: placeOrder,
    answer: null,
    example: { body: { run: 15, side: 'before', other: 12 } },
  })
  @Audited('queue.place')
  @Access('admin')
  async place(@ApiBody() { run, side, other }: z.infer<typeof placeOrder>, @Req() request: Request): Promise<void> {
    tellAudit(request, { object: { kind: 'run', id: run }, details: { side, other } });
    const fault = await this.steering.moveBeside(run, other, side);
    if (fault !== null) throw new ConflictError('operations.notMoved', { sentence: fault });
  }

  @Post('hold')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.hold',
    scope: 'admin',
    body: holdOrder,
    answer: holdSchema,
    example: { body: { reason: 'Backup until ten' } },
  })
  @Audited('queue.hold')
  @Access('admin')
  async hold(
    @CurrentPerson() person: User,
    @ApiBody() { reason: why }: z.infer<typeof holdOrder>,
    @Req() request: Request,
  ): Promise<z.infer<typeof holdSchema>> {
    tellAudit(request, { details: { reason: why } });
    return { isChanged: await this.steering.holdAll(person.displayName, why) };
  }

  @Post('release')
  @Api({ area: 'administration', summary: 'apiAdmin.release', scope: 'admin', answer: holdSchema })
  @Audited('queue.release')
  @Access('admin')
  async release(): Promise<z.infer<typeof holdSchema>> {
    return { isChanged: await this.steering.letAllGo() };
  }
}

function queuedJson({ id, pipeline, person, state, isOnHold, sentence, startsMs, position }: QueuedRow): z.infer<typeof queuedSchema> {
  return { id, pipeline, requester: person, state, isOnHold, sentence, startsAt: isoTimeOrNull(startsMs), position };
}
