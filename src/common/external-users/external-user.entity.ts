import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** Beside the row in `users`: whom an account mirrors that the external table knows. */
@Entity('external_users')
@Index('uq_external_users_key', ['masterKey'], { unique: true })
@Index('idx_external_users_name', ['name'])
export class ExternalUser {
  @PrimaryColumn('varchar', { name: 'user_id', length: 36 })
  userId!: string;

  /** Id in the external table; the name where that has no ids. */
  @Column('varchar', { name: 'master_key', length: 255 })
  masterKey!: string;

  /** Log-in name, as the external table has it. */
  @Column('varchar', { length: 255 })
  name!: string;

  /** HMAC of the external hash from which the local one was made; null: there is none, and the external table decides. */
  @Column('varchar', { length: 64, nullable: true })
  fingerprint!: string | null;

  /** When the external table last said that this person may log in. */
  @Column('bigint', { name: 'checked_ms', transformer: asNumber })
  checkedMs!: number;

  /** When it said that they may not any more; null while they may. */
  @Column('bigint', { name: 'ended_ms', nullable: true, transformer: asNumber })
  endedMs!: number | null;
}
