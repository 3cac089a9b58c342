import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asJson, asNumber } from '../database/dialect';

/** Something that was deleted from a project in one go and can be brought back until the cleaner takes it. */
@Entity('trash')
@Index('idx_trash_project', ['projectId', 'deletedMs'])
@Index('idx_trash_age', ['deletedMs'])
export class Deletion {
  /** UUID; also in the name of the folder where the entries lie meanwhile. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  /** Home of the project (`ProjectFiles`), under the name that the column had when each owner had one. */
  @Column('varchar', { name: 'owner_id', length: 36 })
  homeId!: string;

  /** Address (`formatEntryPath`) of the folder in the project from which all of it came; '' for the project itself. */
  @Column('text')
  folder!: string;

  /** For people; the first few of `entries`. */
  @Column('text', { transformer: asJson })
  names!: string[];

  /** How many files and folders were chosen. */
  @Column('integer')
  entries!: number;

  /** Files in all of it, at any depth. */
  @Column('integer')
  files!: number;

  @Column('bigint', { transformer: asNumber })
  bytes!: number;

  /** False when there are more files and bytes than were counted. */
  @Column('boolean')
  complete!: boolean;

  /** Display name of the person who did it. */
  @Column('varchar', { name: 'by_name', length: 100 })
  byName!: string;

  /** By the database's clock. */
  @Column('bigint', { name: 'deleted_ms', transformer: asNumber })
  deletedMs!: number;
}
