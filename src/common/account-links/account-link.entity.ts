import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/**
 * - `confirm`: proves that the address of an account is its person's.
 * - `reset`: sets a new password.
 * - `move`: gives an account another address, to which the link was sent.
 * - `invite`: signs up with a certain address.
 */
export type LinkPurpose = 'confirm' | 'reset' | 'move' | 'invite';

/** A link that works once. The secret is in the link only: here stands its SHA-256. */
@Entity('account_links')
@Index('idx_account_links_user', ['userId'])
export class AccountLink {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'token_hash', length: 64 })
  @Index('uq_account_links_token', { unique: true })
  tokenHash!: string;

  @Column('varchar', { length: 16 })
  purpose!: LinkPurpose;

  /** Whose account it is about; null for an invitation. */
  @Column('varchar', { name: 'user_id', length: 36, nullable: true })
  userId!: string | null;

  /** To which it was sent, so that following it proves the address; null for one that an administrator passes on. */
  @Column('varchar', { length: 254, nullable: true })
  email!: string | null;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  @Column('bigint', { name: 'expires_ms', transformer: asNumber })
  expiresMs!: number;

  @Column('bigint', { name: 'used_ms', nullable: true, transformer: asNumber })
  usedMs!: number | null;

  /** When a newer link, or a change of the account, made it worthless. */
  @Column('bigint', { name: 'replaced_ms', nullable: true, transformer: asNumber })
  replacedMs!: number | null;
}
