import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';
import { isTokenScope, type TokenScope } from './token-scopes';

const asScopes = {
  to: (scopes: unknown) => (Array.isArray(scopes) ? scopes.join(' ') : scopes),
  from: (words: unknown) => (typeof words === 'string' ? words.split(' ').filter(isTokenScope) : words),
};

/** A key by which a program is let in for its person. The key itself is shown once: here stands its SHA-256. */
@Entity('api_tokens')
export class ApiToken {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'user_id', length: 36 })
  @Index('idx_api_tokens_user')
  userId!: string;

  @Column('varchar', { name: 'token_hash', length: 64 })
  @Index('uq_api_tokens_hash', { unique: true })
  tokenHash!: string;

  /** How the key begins: by it people find out which one a program has. */
  @Column('varchar', { length: 16 })
  prefix!: string;

  /** What it is for, in its person's words. */
  @Column('varchar', { length: 100 })
  name!: string;

  @Column('varchar', { length: 64, transformer: asScopes })
  scopes!: TokenScope[];

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  @Column('bigint', { name: 'expires_ms', transformer: asNumber })
  expiresMs!: number;

  /** When a program last came with it, to a few minutes; null for never. */
  @Column('bigint', { name: 'used_ms', nullable: true, transformer: asNumber })
  usedMs!: number | null;

  /** Of the network, from where that was. */
  @Column('varchar', { name: 'used_address', length: 64, nullable: true })
  usedAddress!: string | null;

  /** When it was taken back: it lets nobody in, and for a while that can be undone. */
  @Column('bigint', { name: 'revoked_ms', nullable: true, transformer: asNumber })
  revokedMs!: number | null;
}
