import { Check, Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { asJson, asNumber } from '../database/dialect';
import type { Engine } from '../pipelines/runtime';
import type { RunHandle } from './run-handle';
import type { RunState } from './run-state';
import type { RunnerMode } from './runner-mode';

/** One run, for ever one row. Written by `QueueStore` steps only; everything else reads. Times are milliseconds by the database's clock. */
@Entity('queue')
@Index('uq_queue_submission', ['submissionId'], { unique: true })
@Index('idx_queue_head', ['state', 'rank', 'ownerId', 'pipelineId', 'id'])
@Index('idx_queue_owner', ['ownerId', 'id'])
@Index('idx_queue_project', ['projectId', 'id'])
@Index('idx_queue_finished', ['finishedMs', 'id'])
@Index('idx_queue_kept', ['keep', 'keepUntilMs'])
@Check('ck_queue_starts', 'starts <= max_starts')
export class Run {
  /** The number that people see: #12. */
  @PrimaryGeneratedColumn('increment', { type: 'integer' })
  id!: number;

  /** UUID made by whoever submits; a repeated submission finds its first row. */
  @Column('varchar', { name: 'submission_id', length: 36 })
  submissionId!: string;

  @Column('varchar', { name: 'pipeline_id', length: 100 })
  pipelineId!: string;

  /** Title of the pipeline when it was asked for, so that a list needs no other table. */
  @Column('varchar', { name: 'pipeline_title', length: 200 })
  pipelineTitle!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('varchar', { length: 16 })
  state!: RunState;

  /** Low goes first. */
  @Column('integer')
  rank!: number;

  /** Grows at every claim and take-over and stands in the WHERE of every write by a runner. */
  @Column('integer')
  fence!: number;

  /** Names the outside object of one execution: grows at every claim. */
  @Column('integer')
  attempt!: number;

  /** How often a start was authorised and not proven void; never above `maxStarts` (a CHECK). */
  @Column('integer')
  starts!: number;

  @Column('integer', { name: 'max_starts' })
  maxStarts!: number;

  /** Claims given back without a start; a bound turns them into `failed`. */
  @Column('integer', { name: 'start_failures' })
  startFailures!: number;

  /** What carries it out; only runners that serve this engine take it. */
  @Column('varchar', { length: 16, default: 'process' })
  engine!: Engine;

  /** Thousandths of a core that it takes while it is held. */
  @Column('integer', { name: 'need_cpu', default: 1000 })
  needCpu!: number;

  /** MiB; 0 when its pipeline does not tell. */
  @Column('integer', { name: 'need_memory', default: 0 })
  needMemory!: number;

  @Column('integer', { name: 'need_gpus', default: 0 })
  needGpus!: number;

  /** The GPUs of its runner that it was given at its claim, separated by commas; null: none. */
  @Column('varchar', { name: 'gpu_ids', length: 2000, nullable: true })
  gpuIds!: string | null;

  @Column('varchar', { name: 'runner_name', length: 100, nullable: true })
  runnerName!: string | null;

  /** How the executor finds the outside object again (see `RunHandle`). */
  @Column('varchar', { length: 1000, nullable: true, transformer: asJson })
  handle!: RunHandle | null;

  /** Seconds; counted from `startedMs`. */
  @Column('integer', { name: 'time_limit_seconds' })
  timeLimitSeconds!: number;

  /** Most runs of this pipeline at the same time; null: as many as there are places. */
  @Column('integer', { name: 'pipeline_limit', nullable: true })
  pipelineLimit!: number | null;

  @Column('bigint', { name: 'cancel_requested_ms', nullable: true, transformer: asNumber })
  cancelRequestedMs!: number | null;

  /** Why a run is being stopped; decides between `cancelled` and `timed_out`. */
  @Column('varchar', { name: 'stop_reason', length: 16, nullable: true })
  stopReason!: StopReason | null;

  /** The sentence under the state: cause of an end, evidence of a doubt, who cancelled. */
  @Column('varchar', { length: 1000, nullable: true })
  note!: string | null;

  @Column('integer', { name: 'exit_code', nullable: true })
  exitCode!: number | null;

  /** Percent, as far as the pipeline tells; null otherwise. */
  @Column('integer', { nullable: true })
  progress!: number | null;

  @Column('varchar', { name: 'progress_text', length: 200, nullable: true })
  progressText!: string | null;

  /** What the engine says of a started run, such as why a cluster lets it wait; null: nothing to tell. */
  @Column('varchar', { name: 'engine_note', length: 300, nullable: true })
  engineNote!: string | null;

  /** When the engine began it, where that is later than `startedMs`; null: not known to differ. */
  @Column('bigint', { name: 'begun_ms', nullable: true, transformer: asNumber })
  begunMs!: number | null;

  @Column('bigint', { name: 'requested_ms', transformer: asNumber })
  requestedMs!: number;

  /** Not before this time. */
  @Column('bigint', { name: 'available_ms', transformer: asNumber })
  availableMs!: number;
  @Column('bigint', { name: 'started_ms', nullable: true, transformer: asNumber })
  startedMs!: number | null;

  /** Null exactly while the state is not final (a trigger sees to it). */
  @Column('bigint', { name: 'finished_ms', nullable: true, transformer: asNumber })
  finishedMs!: number | null;

  /** Exempt from the cleaner for ever. */
  @Column('boolean')
  keep!: boolean;

  /** Who put it on hold, by name: it is `scheduled` for no time then. */
  @Column('varchar', { name: 'hold_by', length: 100, nullable: true })
  holdBy!: string | null;

  /** What `availableMs` was before it was put on hold; null: it is not on hold. */
  @Column('bigint', { name: 'due_ms', nullable: true, transformer: asNumber })
  dueMs!: number | null;

  /** Exempt from the cleaner until then. */
  @Column('bigint', { name: 'keep_until_ms', nullable: true, transformer: asNumber })
  keepUntilMs!: number | null;

  /** When the cleaner began to remove it: nobody can keep it any more. */
  @Column('bigint', { name: 'doomed_ms', nullable: true, transformer: asNumber })
  doomedMs!: number | null;

  /** When the mail was written that tells its owner of its end. */
  @Column('bigint', { name: 'warned_ms', nullable: true, transformer: asNumber })
  warnedMs!: number | null;

  /** That mail (see `RemovalWarning`). */
  @Column('varchar', { name: 'warning_id', length: 36, nullable: true })
  warningId!: string | null;
}

export type StopReason = 'cancel' | 'time_limit';

/** What is too long for the hot row. Written once, at enqueue. */
@Entity('run_details')
export class RunDetails {
  @PrimaryColumn('integer', { name: 'run_id' })
  runId!: number;

  /** Values by parameter name, as they were submitted and checked. */
  @Column('text', { transformer: asJson })
  parameters!: Record<string, unknown>;

  /** The compiled manifest as it was at submission: an old run stays readable when its pipeline changes. */
  @Column('text', { transformer: asJson })
  manifest!: Record<string, unknown>;
}

/** One row per transition, written by a trigger in the same statement as the move itself. */
@Entity('run_events')
@Index('idx_events_run', ['runId', 'id'])
@Index('idx_events_mailed', ['mailed', 'id'])
export class RunEvent {
  @PrimaryGeneratedColumn('increment', { type: 'integer' })
  id!: number;

  @Column('integer', { name: 'run_id' })
  runId!: number;

  @Column('bigint', { name: 'at_ms', transformer: asNumber })
  atMs!: number;

  @Column('varchar', { name: 'from_state', length: 16, nullable: true })
  fromState!: RunState | null;

  @Column('varchar', { name: 'to_state', length: 16 })
  toState!: RunState;

  @Column('integer')
  fence!: number;

  @Column('integer')
  attempt!: number;

  @Column('integer')
  starts!: number;

  @Column('varchar', { name: 'runner_name', length: 100, nullable: true })
  runnerName!: string | null;

  @Column('varchar', { length: 1000, nullable: true })
  note!: string | null;

  /** Whether the mail of this transition, if any, stands in the outbox. */
  @Column('boolean')
  mailed!: boolean;
}

/** A runner process and its last sign of life. */
@Entity('runners')
export class Runner {
  @PrimaryColumn('varchar', { length: 100 })
  name!: string;

  /** Random per process: a second runner of the same name replaces it, and the first stops claiming. */
  @Column('varchar', { length: 36 })
  incarnation!: string;

  @Column('varchar', { length: 255 })
  host!: string;

  @Column('varchar', { name: 'boot_id', length: 100 })
  bootId!: string;

  @Column('integer')
  slots!: number;

  /** Runs of a cluster or of a launcher that it watches at the same time, beside `slots`. */
  @Column('integer', { name: 'remote_slots', default: 0 })
  remoteSlots!: number;

  /** Thousandths of a core. */
  @Column('integer', { default: 0 })
  cpu!: number;

  /** MiB. */
  @Column('integer', { default: 0 })
  memory!: number;

  /** Separated by commas; '' when it has none. */
  @Column('varchar', { name: 'gpu_ids', length: 2000, default: '' })
  gpuIds!: string;

  /** Engines that it serves, separated by commas. */
  @Column('varchar', { length: 100, default: 'process' })
  engines!: string;

  /** `paused` and `draining` runners take nothing new. A draining one ends after its last run; started again after a clean end, it is `paused`. */
  @Column('varchar', { length: 16, default: 'active' })
  mode!: RunnerMode;

  /** When it was last told another mode; null: never. */
  @Column('bigint', { name: 'mode_ms', nullable: true, transformer: asNumber })
  modeMs!: number | null;

  /** The person who told it that mode, by name; null: not known. */
  @Column('varchar', { name: 'mode_by', length: 100, nullable: true })
  modeBy!: string | null;

  /** Why it takes nothing new at the moment although its mode allows it, as a sentence; null: nothing is wrong. */
  @Column('varchar', { length: 300, nullable: true })
  trouble!: string | null;

  /** How its machine does, as JSON (see `RunnerHealth`); null: it has not told. */
  @Column('varchar', { length: 500, nullable: true })
  health!: string | null;

  /** `host:port` of a UDP socket; a datagram there means "look at the queue". */
  @Column('varchar', { name: 'poke_address', length: 255, nullable: true })
  pokeAddress!: string | null;

  @Column('bigint', { name: 'beat_ms', transformer: asNumber })
  beatMs!: number;

  @Column('bigint', { name: 'started_ms', transformer: asNumber })
  startedMs!: number;

  /** Set by a clean stop: it takes no more, and its runs may be taken over at once. */
  @Column('boolean')
  stopped!: boolean;
}
