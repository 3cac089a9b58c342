import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** A pipeline that was in PIPELINES_DIR while nothing that administrators said had lost its pipeline. */
@Entity('known_pipelines')
export class KnownPipeline {
  @PrimaryColumn('varchar', { name: 'pipeline_id', length: 100 })
  pipelineId!: string;

  /** When that was seen first, by the database's clock. */
  @Column('bigint', { name: 'first_ms', transformer: asNumber })
  firstMs!: number;
}
