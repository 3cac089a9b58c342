import { Controller, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { AuditRepository } from '../../../common/audit/audit.repository';
import { ConflictError, NotFoundError } from '../../../common/errors';
import { PipelineSettings } from '../../../common/pipeline-settings/pipeline-settings';
import { Poke } from '../../../common/queue/poke.service';
import { QueueSteering, STEERINGS } from '../../../common/queue/queue-steering';
import { QueueStore } from '../../../common/queue/queue-store';
import { RUNNER_MODES } from '../../../common/queue/runner-mode';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';

const runNumber = z.int().min(1).max(999_999_999);
const reason = says(z.string().max(1000).default(''), 'apiAdmin.reason');

const modeOrder = z.strictObject({ mode: says(z.enum(RUNNER_MODES), 'apiAdmin.runnerMode') });
const pipelineOrder = z.strictObject({
  isOff: says(z.boolean().optional(), 'apiAdmin.pipelineOff'),
  note: says(z.string().max(1000).default(''), 'apiAdmin.pipelineNote'),
  access: says(z.union([z.literal('manifest'), z.array(z.string().max(254)).min(1).max(500)]).optional(), 'apiAdmin.pipelineAccess'),
});
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

const auditQuery = pageQuery({ action: says(z.string().max(64).optional(), 'apiAdmin.auditAction') });
const auditSchema = pageOf(
  z
    .object({
      id: z.int(),
      at: z.iso.datetime(),
      actor: says(z.object({ id: z.string().nullable(), name: z.string() }), 'apiAdmin.auditActor'),
      action: z.string(),
      outcome: z.enum(['done', 'refused', 'failed']),
      object: says(z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }).nullable(), 'apiAdmin.auditObject'),
      address: says(z.string(), 'apiAdmin.auditAddress'),
      details: says(z.record(z.string(), z.unknown()).nullable(), 'apiAdmin.auditDetails'),
    })
    .meta({ id: 'AuditEntry' }),
);

/** What administrators steer, for their programs: runners, pipelines and the queue; and the log of who changed what. */
@Controller(`${API_ROOT}/admin`)
export class ApiOperationsController {
  constructor(
    private readonly store: QueueStore,
    private readonly steering: QueueSteering,
    private readonly poke: Poke,
    private readonly pipelines: PipelineSettings,
    private readonly audit: AuditRepository,
  ) {}

  @Patch('runners/:runner')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.setRunnerMode',
    scope: 'admin',
    body: modeOrder,
    answer: null,
    example: { body: { mode: 'draining' } },
  })
  @Audited('runner.set-mode')
  @Access('admin')
  async setRunnerMode(
    @CurrentPerson() person: User,
    @Param('runner') runner: string,
    @ApiBody() { mode }: z.infer<typeof modeOrder>,
    @Req() request: Request,
  ): Promise<void> {
    tellAudit(request, { object: { kind: 'runner', id: runner.slice(0, 64), name: runner }, details: { mode } });
    if (!(await this.store.setRunnerMode(runner, mode, person.displayName)))
      throw new NotFoundError('runners.noSuchRunner', { runner: runner.slice(0, 100) });
    void this.poke.pokeRunners();
  }

  @Patch('pipelines/:pipeline')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.changePipeline',
    scope: 'admin',
    body: pipelineOrder,
    answer: null,
    example: { body: { isOff: true, note: 'Until Monday' } },
  })
  @Audited('pipeline.change')
  @Access('admin')
  async changePipeline(
    @CurrentPerson() person: User,
    @Param('pipeline') id: string,
    @ApiBody() { isOff, note, access }: z.infer<typeof pipelineOrder>,
    @Req() request: Request,
  ): Promise<void> {
    tellAudit(request, {
      details: { ...(isOff === undefined ? {} : { off: isOff, note }), ...(access === undefined ? {} : { access: String(access) }) },
    });
    await this.pipelines.require(id);
    if (isOff === true) await this.pipelines.switchOff(id, note, person.displayName);
    if (isOff === false) await this.pipelines.switchOn(id, person.displayName);
    if (access === undefined) return;
    await this.pipelines.setAccess(id, access === 'manifest' ? null : await this.pipelines.accessOf(access), person.displayName);
  }

  @Post('queue/steer')
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
    tellAudit(request, { details: { steering, runs: runs.join(', '), reason: why } });
    const steered = await this.steering.steer(steering, runs, person.displayName, why);
    if (steered.done.length === 0) tellAudit(request, { hasFailed: true });
    return steered;
  }

  @Post('queue/place')
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

  @Post('queue/hold')
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

  @Post('queue/release')
  @Api({ area: 'administration', summary: 'apiAdmin.release', scope: 'admin', answer: holdSchema })
  @Audited('queue.release')
  @Access('admin')
  async release(): Promise<z.infer<typeof holdSchema>> {
    return { isChanged: await this.steering.letAllGo() };
  }

  @Get('audit')
  @Api({ area: 'administration', summary: 'apiAdmin.listAudit', scope: 'admin', query: auditQuery, answer: auditSchema })
  @Access('admin')
  async listAudit(@ApiQuery() { limit, after, action }: z.infer<typeof auditQuery>): Promise<z.infer<typeof auditSchema>> {
    const before = decodeCursor(z.int().min(1), after);
    const entries = await this.audit.list(action === undefined ? {} : { action }, before, limit);
    const items = entries.map((entry) => ({
      id: entry.id,
      at: new Date(entry.atMs).toISOString(),
      actor: { id: entry.actorId, name: entry.actorName },
      action: entry.action,
      outcome: entry.outcome,
      object: entry.objectKind === null ? null : { kind: entry.objectKind, id: entry.objectId, name: entry.objectName },
      address: entry.address,
      details: entry.details === '' ? null : (JSON.parse(entry.details) as Record<string, unknown>),
    }));
    return { items, next: entries.length === limit ? encodeCursor(entries.at(-1)!.id) : null };
  }
}
