import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';
import type { OnConflict } from '../files/put-in-place';

/**
 * - `receiving`: bytes are awaited, or all are there and a crash kept the file from its place.
 * - `stored`, `renamed`, `replaced`, `skipped`: what became of it, kept for a client that did not hear the answer.
 */
export type UploadState = 'receiving' | UploadOutcome;
export type UploadOutcome = 'stored' | 'renamed' | 'replaced' | 'skipped';

/** One file on its way into a project. Its bytes lie in the staging folder of the owner until all of them are there. */
@Entity('uploads')
@Index('idx_uploads_project', ['projectId', 'state', 'createdMs'])
@Index('idx_uploads_key', ['projectId', 'requestKey'])
@Index('idx_uploads_expires', ['expiresMs'])
export class Upload {
  /** UUID; also the id of its reservation of space. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  /** Home of the project (`ProjectFiles`), under the name that the column had when each owner had one. */
  @Column('varchar', { name: 'owner_id', length: 36 })
  homeId!: string;

  /** Id of who sends it; null where nobody but the owner of the project could. */
  @Column('varchar', { name: 'asker_id', length: 36, nullable: true })
  askerId!: string | null;

  /** Chosen by the client: who asks twice with one key, because the first answer was lost, gets one upload. */
  @Column('varchar', { name: 'request_key', length: 64, nullable: true })
  requestKey!: string | null;

  /** Address (`formatEntryPath`) of where the file is meant in the project. */
  @Column('text')
  path!: string;

  /** Bytes of the whole file. */
  @Column('bigint', { transformer: asNumber })
  size!: number;

  /** Bytes that had arrived when somebody last let go of it: for lists. What counts is the size of the file in the staging folder. */
  @Column('bigint', { transformer: asNumber })
  received!: number;

  /** Last change of the file where it comes from, as the client told; together with path and size it tells the file when it is chosen again. */
  @Column('bigint', { name: 'modified_ms', nullable: true, transformer: asNumber })
  modifiedMs!: number | null;

  /** What the content has to be (hex), as the client told. */
  @Column('varchar', { length: 64, nullable: true })
  sha256!: string | null;

  @Column('varchar', { name: 'on_conflict', length: 16 })
  onConflict!: OnConflict;

  @Column('varchar', { length: 16 })
  state!: UploadState;

  /** Of the file in the staging folder: by it the file is known in the project too, if a crash came between its place and this row. */
  @Column('varchar', { length: 20 })
  inode!: string;

  /** Address of where the file lies in the project, once it does. */
  @Column('text', { name: 'stored_as', nullable: true })
  storedAs!: string | null;

  /** Id (`newHolder`) of the request that holds it, in whichever process; null: nobody. */
  @Column('varchar', { name: 'lock_holder', length: 36, nullable: true })
  lockHolder!: string | null;

  /** Until when it is held unless the holder renews it. This and all other times are the database's. */
  @Column('bigint', { name: 'lock_until_ms', transformer: asNumber })
  lockUntilMs!: number;

  /** When somebody last asked for it while it was held. */
  @Column('bigint', { name: 'wanted_ms', transformer: asNumber })
  wantedMs!: number;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  /** When its space was last reserved. */
  @Column('bigint', { name: 'reserved_ms', transformer: asNumber })
  reservedMs!: number;

  /** When it goes unless more arrives. */
  @Column('bigint', { name: 'expires_ms', transformer: asNumber })
  expiresMs!: number;
}
