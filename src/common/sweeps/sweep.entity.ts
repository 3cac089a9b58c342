import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asJson, asNumber } from '../database/dialect';
import type { SweepMode } from '../pipelines/sweep/combinations';

/** A parameter that takes several values in a sweep. */
export interface StoredAxis {
  parameter: string;
  /** As the form called it. */
  label: string;
  values: string[];
}

/** Runs of one pipeline that were asked for together, with different values. */
@Entity('sweeps')
@Index('idx_sweeps_project', ['projectId', 'createdMs'])
export class Sweep {
  /** UUID, made of the form: sending it twice makes one sweep. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('varchar', { name: 'pipeline_id', length: 100 })
  pipelineId!: string;

  @Column('varchar', { name: 'pipeline_title', length: 200 })
  pipelineTitle!: string;

  @Column('text', { transformer: asJson })
  axes!: StoredAxis[];

  @Column('varchar', { length: 16 })
  mode!: SweepMode;

  /** How many runs it stands for, those that are gone by now too. */
  @Column('integer', { name: 'run_count' })
  runCount!: number;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;
}

/** Which runs belong to a sweep, in the order of its combinations. */
@Entity('sweep_runs')
@Index('uq_sweep_runs_run', ['runId'], { unique: true })
export class SweepRun {
  @PrimaryColumn('varchar', { name: 'sweep_id', length: 36 })
  sweepId!: string;

  @PrimaryColumn('integer')
  position!: number;

  @Column('integer', { name: 'run_id' })
  runId!: number;
}
