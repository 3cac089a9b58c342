import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asJson, asNumber } from '../database/dialect';

/** Values of a form that somebody keeps under a name, for any of their projects. */
@Entity('presets')
@Index('uq_presets_name', ['ownerId', 'pipelineId', 'name'], { unique: true })
export class Preset {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('varchar', { name: 'pipeline_id', length: 100 })
  pipelineId!: string;

  @Column('varchar', { length: 100 })
  name!: string;

  /** What the fields held, by parameter name; files of a project are not among them. */
  @Column('text', { transformer: asJson })
  entries!: Record<string, unknown>;

  @Column('bigint', { name: 'changed_ms', transformer: asNumber })
  changedMs!: number;

  /** When it was deleted: nobody sees it, and for a while that can be undone. */
  @Column('bigint', { name: 'deleted_ms', nullable: true, transformer: asNumber })
  deletedMs!: number | null;
}
