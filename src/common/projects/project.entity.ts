import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** A named place for files and the runs on them. Its folder is `FILES_ROOT/<homeId>/<id>`, so a new name, or a new owner, touches rows only. */
@Entity('projects')
@Index('idx_projects_owner', ['ownerId', 'changedMs'])
@Index('uq_projects_name', ['ownerId', 'name'], { unique: true })
@Index('idx_projects_kept', ['keepUntilMs'])
export class Project {
  /** UUID; also the name of the folder. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  /**
   * Id of the person for whom it was made; it never changes, so that runs under way keep their folder. Another than `ownerId` only after
   * a guest took the project along into an account.
   */
  @Column('varchar', { name: 'home_id', length: 36, default: '' })
  homeId!: string;

  @Column('varchar', { length: 200 })
  name!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  /** Last upload, run or rename; the order of the list. */
  @Column('bigint', { name: 'changed_ms', transformer: asNumber })
  changedMs!: number;

  /** Its runs are exempt from the cleaner until then. */
  @Column('bigint', { name: 'keep_until_ms', nullable: true, transformer: asNumber })
  keepUntilMs!: number | null;
}
