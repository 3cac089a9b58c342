import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/**
 * A mail that told the owner of projects which runs in them go. Its link keeps these runs, and opens nothing. The secret is in the mail
 * only: here stands its SHA-256.
 */
@Entity('removal_warnings')
export class RemovalWarning {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'token_hash', length: 64 })
  @Index('uq_removal_warnings_token', { unique: true })
  tokenHash!: string;

  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  @Column('bigint', { name: 'expires_ms', transformer: asNumber })
  expiresMs!: number;
}
