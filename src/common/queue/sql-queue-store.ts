import type { Dialect } from '../database/dialect';
import { LimitError } from '../errors';
import { GuestOwners } from './guest-owners';
import { linkSql } from './link-sql';
import { ownerSteps, type OwnerStep, type OwnerStepName } from './owner-steps';
import { queueSql, toGlance, type QueueSql } from './queue-sql';
import {
  type CancelOutcome,
  type DecidedLink,
  type DeclareLostOutcome,
  type Ending,
  type Glance,
  type HeldRun,
  type Lease,
  type NewRun,
  type RunnerIdentity,
} from './queue-store';
import { rankOfLevel, withinLevels } from './rank';
import { clip, toRun, type Row } from './run-row';
import type { RunnerHealth } from './runner-health';
import { NEVER_MS } from '../database/never';
import { SteeringStore, type Values } from './steering-store';
import type { RunHandle } from './run-handle';
import type { StopReason } from './run.entity';
import type { RunnerMode } from './runner-mode';
import { isFinal, type FinalState, type RunState } from './run-state';

export type { Values } from './steering-store';

const NOTE_LENGTH = 1000;
const PROGRESS_LENGTH = 200;
const ENGINE_NOTE_LENGTH = 300;
const TROUBLE_LENGTH = 300;
const DETAIL_BYTES = 65_535;

/**
 * All steps that are one statement, once for both databases. What differs (how a statement travels and is repeated, enqueue, claim,
 * take-over, the upsert of a runner) is left to the two stores.
 */
export abstract class SqlQueueStore extends SteeringStore {
  protected readonly sql: QueueSql;
  protected readonly links: ReturnType<typeof linkSql>;
  protected readonly guests = new GuestOwners();
  private readonly steps: ReturnType<typeof ownerSteps>;

  constructor(dialect: Dialect) {
    super(dialect);
    this.sql = queueSql(dialect);
    this.links = linkSql(dialect);
    this.steps = ownerSteps(dialect);
  }

  releaseDue(): Promise<number> {
    return this.write(this.sql.releaseDue, {});
  }

  async decidedLinks(above = 0): Promise<DecidedLink[]> {
    return (await this.read(this.links.decided, { above })).map((row) => ({
      runId: Number(row['runId']),
      afterRun: Number(row['afterRun']),
      afterState: row['afterState'] as FinalState | null,
    }));
  }

  async stopLink(runId: number, note: string): Promise<boolean> {
    const changed = await this.write(this.links.stop, { runId, note: clip(note, NOTE_LENGTH) });
    if (changed > 0) await this.write(this.links.close, { runId });
    return changed > 0;
  }

  closeLinks(): Promise<number> {
    return this.write(this.links.closeOthers, {});
  }

  unclaim(lease: Lease, note: string): Promise<boolean> {
    return this.take('unclaim', lease, { note: clip(note, NOTE_LENGTH) });
  }

  failStart(lease: Lease, note: string): Promise<boolean> {
    return this.take('failStart', lease, { note: clip(note, NOTE_LENGTH) });
  }

  cancelStarting(lease: Lease): Promise<boolean> {
    return this.take('cancelStarting', lease);
  }

  authorise(lease: Lease, handle: RunHandle): Promise<boolean> {
    return this.take('authorise', lease, { handle: JSON.stringify(handle) });
  }

  discover(lease: Lease, handle: RunHandle | null, evidence: string): Promise<boolean> {
    return this.take('discover', lease, { handle: handle && JSON.stringify(handle), note: clip(evidence, NOTE_LENGTH) });
  }

  unstart(lease: Lease): Promise<boolean> {
    return this.take('unstart', lease);
  }

  stop(lease: Lease, reason: StopReason, note: string): Promise<boolean> {
    return this.take('stop', lease, { reason, note: clip(note, NOTE_LENGTH) });
  }

  finish(lease: Lease, ending: Ending): Promise<boolean> {
    return this.take('finish', lease, { state: ending.state, exitCode: ending.exitCode, note: clip(ending.note, NOTE_LENGTH) });
  }

  retry(lease: Lease, note: string): Promise<boolean> {
    return this.take('retry', lease, { note: clip(note, NOTE_LENGTH) });
  }

  doubt(lease: Lease, evidence: string): Promise<boolean> {
    return this.take('doubt', lease, { note: clip(evidence, NOTE_LENGTH) });
  }

  disown(lease: Lease, evidence: string): Promise<boolean> {
    return this.take('disown', lease, { note: clip(evidence, NOTE_LENGTH) });
  }

  regain(lease: Lease): Promise<boolean> {
    return this.take('regain', lease);
  }

  async requestCancel(runId: number, note: string): Promise<CancelOutcome> {
    const changed = await this.write(this.sql.requestCancel, { runId, note: clip(note, NOTE_LENGTH) });
    const [row] = await this.read(this.sql.stateOf, { runId });
    if (!row) return 'not_found';
    const state = row['state'] as RunState;
    if (state === 'cancelled') return 'cancelled';
    // It was alive when the flag was set, so the flag counts even if the run ended between the two statements.
    return changed > 0 || !isFinal(state) ? 'stopping' : 'already_final';
  }

  async declareLost(runId: number, note: string): Promise<DeclareLostOutcome> {
    const changed = await this.write(this.sql.declareLost, { runId, note: clip(note, NOTE_LENGTH) });
    if (changed > 0) return 'lost';
    const [row] = await this.read(this.sql.stateOf, { runId });
    if (!row) return 'not_found';
    // Perhaps by this very call, whose answer was lost with a connection.
    return row['state'] === 'lost' ? 'lost' : 'not_unknown';
  }

  async waitingOf(ownerId: string): Promise<number> {
    const [row] = await this.read(this.sql.waitingOf, { ownerId });
    return Number(row?.['count']);
  }

  async findSubmission(submissionId: string): Promise<number | null> {
    const [row] = await this.read(this.sql.findSubmission, { submissionId });
    return row ? Number(row['id']) : null;
  }

  async reportProgress({ runId, fence }: Lease, progress: number | null, progressText: string | null): Promise<boolean> {
    const percent = progress === null ? null : Math.min(100, Math.max(0, Math.round(progress)));
    const values = { runId, fence, progress: percent, progressText: clip(progressText, PROGRESS_LENGTH) };
    return (await this.write(this.sql.reportProgress, values)) > 0;
  }

  async reportEngine({ runId, fence }: Lease, note: string | null, begunMs: number | null): Promise<boolean> {
    return (await this.write(this.sql.reportEngine, { runId, fence, note: clip(note, ENGINE_NOTE_LENGTH), begunMs })) > 0;
  }

  async setRunnerMode(name: string, mode: RunnerMode, by: string | null = null): Promise<boolean> {
    await this.write(this.sql.setMode, { name, mode, by: by && by.slice(0, 100) });
    return (await this.read(this.sql.modeOf, { name })).length > 0;
  }

  async held(): Promise<HeldRun[]> {
    return (await this.read(this.sql.held, {})).map(toHeldRun);
  }

  async glance(runner: string): Promise<Glance> {
    const [row] = await this.read(this.sql.glance, { runner });
    return toGlance(Number(row?.['bits']), row?.['mode'] as RunnerMode | null);
  }

  async retireRunner({ name, incarnation }: Pick<RunnerIdentity, 'name' | 'incarnation'>): Promise<void> {
    await this.write(this.sql.retire, { name, incarnation });
  }

  async nowMs(): Promise<number> {
    const [row] = await this.read(this.sql.now, {});
    return Number(row?.['now']);
  }

  /** @returns whether the step was taken, now or by an earlier call of which this is the repetition. */
  protected abstract carryOut(step: OwnerStep, values: Values): Promise<boolean>;

  private take(name: OwnerStepName, { runId, fence }: Lease, more: Values = {}): Promise<boolean> {
    return this.carryOut(this.steps[name], { runId, fence, ...more });
  }
}

/**
 * The values of the two statements that enqueue, but for the run's number.
 * @throws LimitError when the parameters are longer than MariaDB's TEXT holds; SQLite keeps the same limit.
 */
export function enqueueValues(run: NewRun): Values {
  return {
    submissionId: run.submissionId,
    pipelineId: run.pipelineId,
    pipelineTitle: run.pipelineTitle,
    projectId: run.projectId,
    ownerId: run.ownerId,
    timeLimitSeconds: run.timeLimitSeconds,
    maxStarts: run.maxStarts,
    pipelineLimit: run.pipelineLimit,
    engine: run.engine,
    needCpu: run.needs.cpu,
    needMemory: run.needs.memory,
    needGpus: run.needs.gpus,
    rank: rankOfLevel(withinLevels(run.level ?? 0)),
    availableMs: run.afterRun === undefined ? (run.availableMs ?? null) : NEVER_MS,
    afterRun: run.afterRun ?? null,
    parameters: asDetail(run.parameters),
    manifest: asDetail(run.manifest),
  };
}

export function tooManyWait(most: number): LimitError {
  return new LimitError('run.tooManyWaiting', { most });
}

/** The values of a beat. */
export function beatValues(
  { name, incarnation }: Pick<RunnerIdentity, 'name' | 'incarnation'>,
  trouble: string | null,
  health: RunnerHealth | null,
): Values {
  return { runner: name, incarnation, trouble: clip(trouble, TROUBLE_LENGTH), health: health && JSON.stringify(health).slice(0, 500) };
}

/** The values of the upsert of a runner. */
export function runnerValues(runner: RunnerIdentity): Values {
  const { name, incarnation, host, bootId, slots, remoteSlots, cpu, memory, pokeAddress } = runner;
  const lists = { gpuIds: runner.gpuIds.join(','), engines: runner.engines.join(',') };
  return { name, incarnation, host, bootId, slots, remoteSlots, cpu, memory, pokeAddress, ...lists };
}

export function asDetail(detail: Record<string, unknown>): string {
  const json = JSON.stringify(detail);
  if (Buffer.byteLength(json) > DETAIL_BYTES) throw new LimitError('queue.detailsTooLong', { most: DETAIL_BYTES });
  return json;
}

function toHeldRun(row: Row): HeldRun {
  const known = row['r_incarnation'] !== null;
  return {
    run: toRun(row),
    owner: known
      ? {
          host: String(row['r_host']),
          bootId: String(row['r_boot_id']),
          incarnation: String(row['r_incarnation']),
          stopped: Number(row['r_stopped']) === 1,
          silentMs: Number(row['r_silent_ms']),
        }
      : null,
  };
}
