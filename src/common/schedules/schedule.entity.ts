import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asJson, asNumber } from '../database/dialect';
import type { KeptSentence } from '../kept-sentences';

/** A filled-in form of a pipeline that is sent by itself, in the name of whoever made it. Times are milliseconds since 1970. */
@Entity('schedules')
@Index('idx_schedules_next', ['nextMs'])
@Index('idx_schedules_project', ['projectId'])
@Index('idx_schedules_owner', ['ownerId'])
export class Schedule {
  /** UUID. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  /** Who made it: its runs are theirs, and they are asked for what they may do each time. */
  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('varchar', { name: 'pipeline_id', length: 100 })
  pipelineId!: string;

  @Column('varchar', { name: 'pipeline_title', length: 200 })
  pipelineTitle!: string;

  @Column('varchar', { length: 100 })
  name!: string;

  /** What the fields hold, by parameter name; checked anew at each time. */
  @Column('text', { transformer: asJson })
  entries!: Record<string, unknown>;

  /** Five fields (see `readCron`). */
  @Column('varchar', { length: 100 })
  cron!: string;

  /** Of the IANA list: `Europe/Vienna`. */
  @Column('varchar', { name: 'time_zone', length: 64 })
  timeZone!: string;

  /** Whether a time is passed over while an earlier run of it is not over. */
  @Column('boolean', { name: 'skips_running' })
  skipsRunning!: boolean;

  /** The next time; null while it is paused or deleted, and where there is none. */
  @Column('bigint', { name: 'next_ms', nullable: true, transformer: asNumber })
  nextMs!: number | null;

  @Column('bigint', { name: 'paused_ms', nullable: true, transformer: asNumber })
  pausedMs!: number | null;

  /** When its owner was told by mail that it could not start; null again after a start. */
  @Column('bigint', { name: 'told_ms', nullable: true, transformer: asNumber })
  toldMs!: number | null;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  /** When it was deleted: nobody sees it, and for a while that can be undone. */
  @Column('bigint', { name: 'deleted_ms', nullable: true, transformer: asNumber })
  deletedMs!: number | null;
}

/** `claimed`: a process is at it. `missed`: nobody was there; it stands for this time and those after it (`missed` of them). */
export type TickOutcome = 'claimed' | 'started' | 'skipped' | 'missed';

/** Why a time was passed over. */
export type Reason = Required<KeptSentence>;

/** One time of a schedule, and what became of it. */
@Entity('schedule_ticks')
@Index('idx_schedule_ticks_at', ['outcome', 'atMs'])
@Index('idx_schedule_ticks_run', ['runId'])
export class ScheduleTick {
  @PrimaryColumn('varchar', { name: 'schedule_id', length: 36 })
  scheduleId!: string;

  @PrimaryColumn('bigint', { name: 'tick_ms', transformer: asNumber })
  tickMs!: number;

  /** UUID of the try that has taken it: what another one writes counts no more. */
  @Column('varchar', { length: 36 })
  claim!: string;

  @Column('varchar', { length: 16 })
  outcome!: TickOutcome;

  /** When it was taken, by the database's clock. */
  @Column('bigint', { name: 'at_ms', transformer: asNumber })
  atMs!: number;

  @Column('integer', { name: 'run_id', nullable: true })
  runId!: number | null;

  @Column('integer')
  missed!: number;

  /** See `keptInWords`; '' for none. */
  @Column('varchar', { length: 1000 })
  why!: string;
}
