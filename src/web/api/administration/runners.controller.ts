import { Controller, Delete, Get, Param, Patch, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { AppConfig } from '../../../common/config/app-config';
import { ConflictError, NotFoundError } from '../../../common/errors';
import { noteInWords } from '../../../common/queue/note-words';
import { Poke } from '../../../common/queue/poke.service';
import { QueueStore } from '../../../common/queue/queue-store';
import { RUNNER_MODES } from '../../../common/queue/runner-mode';
import type { RunnerStanding } from '../../../common/queue/runners.repository';
import type { Run } from '../../../common/queue/run.entity';
import type { User } from '../../../common/users/user.entity';
import { WaitingLines } from '../../../common/waiting/waiting-lines.service';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const MIB = 1024 * 1024;
const time = z.iso.datetime();

const machineSchema = z.object({
  load: says(z.number(), 'apiAdmin.machineLoad'),
  cores: z.number(),
  freeMemoryBytes: z.number(),
  memoryBytes: z.number(),
  freeDiskBytes: z.number().nullable(),
  node: says(z.string(), 'apiAdmin.machineNode'),
});
const standingSchema = z
  .object({
    name: z.string(),
    host: z.string(),
    isAlive: says(z.boolean(), 'apiAdmin.runnerIsAlive'),
    hasStopped: says(z.boolean(), 'apiAdmin.runnerStopped'),
    heartbeatAt: says(time, 'apiAdmin.runnerBeat'),
    startedAt: time,
    mode: says(z.enum(RUNNER_MODES), 'apiAdmin.runnerMode'),
    modeSince: says(time.nullable(), 'apiAdmin.runnerModeSince'),
    modeBy: says(z.string().nullable(), 'apiAdmin.runnerModeBy'),
    trouble: says(z.string().nullable(), 'api.runnerTrouble'),
    engines: says(z.array(z.string()), 'apiAdmin.runnerEngines'),
    slots: says(z.int(), 'api.runnerSlots'),
    remoteSlots: says(z.int(), 'apiAdmin.runnerRemoteSlots'),
    cores: says(z.number(), 'apiAdmin.runnerCores'),
    memoryBytes: says(z.number(), 'apiAdmin.runnerMemory'),
    gpus: says(z.array(z.string()), 'apiAdmin.runnerGpus'),
    runs: says(z.array(z.int()), 'apiAdmin.runnerRuns'),
    machine: says(machineSchema.nullable(), 'apiAdmin.runnerMachine'),
  })
  .meta({ id: 'RunnerStanding' });
const listSchema = z.object({ items: z.array(standingSchema), next: z.null() });
const modeOrder = z.strictObject({ mode: says(z.enum(RUNNER_MODES), 'apiAdmin.runnerMode') });

/** The runners as administrators see and steer them, for their programs. */
@Controller(`${API_ROOT}/admin/runners`)
export class ApiRunnersController {
  constructor(
    private readonly lines: WaitingLines,
    private readonly store: QueueStore,
    private readonly poke: Poke,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.listRunners', scope: 'admin', answer: listSchema })
  @Access('admin')
  async list(): Promise<z.infer<typeof listSchema>> {
    const { held, line } = await this.lines.read();
    return { items: line.situation.runners.map((runner) => standingJson(runner, held)), next: null };
  }

  @Patch(':runner')
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
  async setMode(
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

  /** For a runner that is gone for ever. One that comes back enters itself again. */
  @Delete(':runner')
  @Api({ area: 'administration', summary: 'apiAdmin.removeRunner', scope: 'admin', answer: null })
  @Audited('runner.remove')
  @Access('admin')
  async remove(@Param('runner') runner: string, @Req() request: Request): Promise<void> {
    tellAudit(request, { object: { kind: 'runner', id: runner.slice(0, 64), name: runner } });
    if (!(await this.store.removeRunner(runner, this.config.settings.RUNNER_STALE)))
      throw new ConflictError('operations.runnerNotRemoved', { runner: runner.slice(0, 100) });
  }
}

function standingJson(runner: RunnerStanding, held: readonly Run[]): z.infer<typeof standingSchema> {
  const { name, host, isAlive, stopped, beatMs, startedMs, mode, modeMs, modeBy, trouble, engines, slots, remoteSlots } = runner;
  return {
    name,
    host,
    isAlive,
    hasStopped: stopped,
    heartbeatAt: isoTime(beatMs),
    startedAt: isoTime(startedMs),
    mode,
    modeSince: isoTimeOrNull(modeMs),
    modeBy,
    trouble: noteInWords(trouble) || null,
    engines: [...engines],
    slots,
    remoteSlots,
    cores: runner.cpu / 1000,
    memoryBytes: runner.memory * MIB,
    gpus: [...runner.gpuIds],
    runs: held.filter(({ runnerName }) => runnerName === name).map(({ id }) => id),
    machine: machineJson(runner),
  };
}

/** As it last told. */
function machineJson({ health, isAlive }: RunnerStanding): z.infer<typeof machineSchema> | null {
  if (!health || !isAlive) return null;
  const { load, cores, freeMemory, memory, freeDisk, node } = health;
  return { load, cores, freeMemoryBytes: freeMemory, memoryBytes: memory, freeDiskBytes: freeDisk, node };
}
