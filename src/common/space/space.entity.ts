import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** What one owner uses: measured on the disk, and kept up to date in between by what is stored and deleted. */
@Entity('space_usage')
export class SpaceUsage {
  @PrimaryColumn('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('bigint', { name: 'used_bytes', transformer: asNumber })
  usedBytes!: number;

  @Column('bigint', { name: 'used_files', transformer: asNumber })
  usedFiles!: number;

  /** Grows with every change of the figures, so that a measurement notices what happened while it went on. */
  @Column('bigint', { transformer: asNumber })
  version!: number;

  /** When the figures were last measured; 0: never. */
  @Column('bigint', { name: 'measured_ms', transformer: asNumber })
  measuredMs!: number;

  /** JSON of `SpaceDetails` from then; '' before. */
  @Column('text')
  details!: string;
}

export type ReservedFor = 'upload' | 'extract' | 'copy' | 'import';

/** Room that is promised to work under way. It counts until it is settled, released or expired. */
@Entity('space_reservations')
@Index('idx_space_reservations_owner', ['ownerId', 'expiresMs'])
@Index('idx_space_reservations_expires', ['expiresMs'])
export class SpaceReservation {
  /** UUID; part of the name of what the work puts into the staging folder. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  @Column('varchar', { length: 16 })
  what!: ReservedFor;

  @Column('bigint', { transformer: asNumber })
  bytes!: number;

  @Column('bigint', { transformer: asNumber })
  files!: number;

  /** How often it was asked for again. */
  @Column('integer')
  renewals!: number;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  @Column('bigint', { name: 'expires_ms', transformer: asNumber })
  expiresMs!: number;
}
