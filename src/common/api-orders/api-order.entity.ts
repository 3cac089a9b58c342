import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** A request of a program that is carried out once, however often it is sent under its key. */
@Entity('api_orders')
@Index('idx_api_orders_created', ['createdMs'])
export class ApiOrder {
  @PrimaryColumn('varchar', { name: 'user_id', length: 36 })
  userId!: string;

  /** SHA-256 of the key that the program made. */
  @PrimaryColumn('varchar', { name: 'key_hash', length: 64 })
  keyHash!: string;

  /** SHA-256 of what was asked for: another request under the same key is a mistake. */
  @Column('varchar', { length: 64 })
  digest!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  /** The run that came of it; null: not (yet), or several. */
  @Column('integer', { name: 'run_id', nullable: true })
  runId!: number | null;

  /** The runs that came of it together; null: not (yet), or one. */
  @Column('varchar', { name: 'sweep_id', length: 36, nullable: true })
  sweepId!: string | null;
}
