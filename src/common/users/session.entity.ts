import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** A browser's log-in. The id itself is only in the browser's cookie: here stands its SHA-256. */
@Entity('sessions')
@Index('idx_sessions_expires', ['expiresMs'])
@Index('idx_sessions_user', ['userId'])
export class Session {
  @PrimaryColumn('varchar', { name: 'id_hash', length: 64 })
  idHash!: string;

  @Column('varchar', { name: 'user_id', length: 36, nullable: true })
  userId!: string | null;

  /** JSON of the session, small. */
  @Column('text')
  data!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  /** When a page was last asked for with it, to a few minutes; null for sessions of an older version. */
  @Column('bigint', { name: 'seen_ms', nullable: true, transformer: asNumber })
  seenMs!: number | null;

  @Column('bigint', { name: 'expires_ms', transformer: asNumber })
  expiresMs!: number;
}
