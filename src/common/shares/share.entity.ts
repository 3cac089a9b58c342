import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** A link by which whoever has it looks at one run, or at a whole project, without an account. */
@Entity('shares')
export class Share {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  /** SHA-256 of the secret in the link, in hex: whoever reads the table cannot open what it opens. */
  @Column('varchar', { name: 'token_hash', length: 64 })
  @Index('uq_shares_token', { unique: true })
  tokenHash!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  @Index('idx_shares_project')
  projectId!: string;

  /** Null for the whole project. */
  @Column('int', { name: 'run_id', nullable: true })
  runId!: number | null;

  /** For whom it is, in the owner's words; '' for none. */
  @Column('varchar', { length: 200 })
  note!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  @Column('bigint', { name: 'expires_ms', transformer: asNumber })
  expiresMs!: number;

  /** When somebody last came in by it. */
  @Column('bigint', { name: 'opened_ms', nullable: true, transformer: asNumber })
  openedMs!: number | null;

  /** When the owner took it back: it opens nothing, and for a while that can be undone. */
  @Column('bigint', { name: 'revoked_ms', nullable: true, transformer: asNumber })
  revokedMs!: number | null;
}
