import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asJson, asNumber } from '../database/dialect';
import type { StoredAccess } from './stored-access';

/** What administrators say of a pipeline, over what its manifest says; most have no row. */
@Entity('pipeline_settings')
export class PipelineSetting {
  @PrimaryColumn('varchar', { name: 'pipeline_id', length: 100 })
  pipelineId!: string;

  /** Whether nothing new is asked for. */
  @Column('boolean', { name: 'is_off' })
  isOff!: boolean;

  /** Told to people while it is off; '' for nothing. */
  @Column('varchar', { length: 300 })
  note!: string;

  /** Who may run it; null: whom the manifest names. */
  @Column('text', { nullable: true, transformer: asJson })
  access!: StoredAccess | null;

  /** Display name of who changed it last. */
  @Column('varchar', { name: 'changed_by', length: 100 })
  changedBy!: string;

  @Column('bigint', { name: 'changed_ms', transformer: asNumber })
  changedMs!: number;

  /**
   * Since when administrators know that there is no such pipeline any more: what was said counts for its earlier runs, and makes nobody wait.
   * Null for all others.
   */
  @Column('bigint', { name: 'gone_ms', nullable: true, transformer: asNumber })
  goneMs!: number | null;
}
