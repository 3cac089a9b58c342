import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asJson, asNumber } from '../database/dialect';

export type TaskKind = 'extract' | 'copy' | 'import' | 'digest';
export type TaskState = 'waiting' | 'working' | 'done' | 'failed' | 'cancelled';

/** Long work on the files of a project, outside of any request. All times are the database's, in milliseconds since 1970. */
@Entity('file_tasks')
@Index('idx_file_tasks_project', ['projectId', 'createdMs'])
@Index('idx_file_tasks_state', ['state', 'createdMs'])
export class FileTask {
  /** UUID; also of the reservation of its space, and part of the name of its staging folder. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  /** Of the project: what the task writes lies there meanwhile. */
  @Column('varchar', { name: 'home_id', length: 36, default: '' })
  homeId!: string;

  @Column('varchar', { length: 16 })
  kind!: TaskKind;

  @Column('varchar', { length: 16 })
  state!: TaskState;

  /** What it is about, for people: the name of an archive, of a folder. */
  @Column('varchar', { length: 300 })
  title!: string;

  /** What the kind needs to know to do it; only the kind reads it. */
  @Column('text', { transformer: asJson })
  brief!: unknown;

  @Column('bigint', { name: 'done_bytes', transformer: asNumber })
  doneBytes!: number;

  /** 0 until it is known. */
  @Column('bigint', { name: 'total_bytes', transformer: asNumber })
  totalBytes!: number;

  @Column('bigint', { name: 'done_files', transformer: asNumber })
  doneFiles!: number;

  @Column('bigint', { name: 'total_files', transformer: asNumber })
  totalFiles!: number;

  /** How it ended: see `keptInWords`. */
  @Column('varchar', { length: 1000, nullable: true })
  note!: string | null;

  /** Address in the project of what it made (see `formatEntryPath`), where that is one thing. */
  @Column('text', { name: 'result_path', nullable: true })
  resultPath!: string | null;

  /** UUID of the process that carries it out. */
  @Column('varchar', { length: 36, nullable: true })
  worker!: string | null;

  @Column('bigint', { name: 'cancel_ms', nullable: true, transformer: asNumber })
  cancelMs!: number | null;

  /** Since when everything is written and only moves to its place: from here on it is finished, by whoever is alive, and not cancelled. */
  @Column('bigint', { name: 'placing_ms', nullable: true, transformer: asNumber })
  placingMs!: number | null;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  /** When its worker took it. */
  @Column('bigint', { name: 'started_ms', nullable: true, transformer: asNumber })
  startedMs!: number | null;

  @Column('bigint', { name: 'finished_ms', nullable: true, transformer: asNumber })
  finishedMs!: number | null;

  /** Last sign of life of its worker. */
  @Column('bigint', { name: 'beat_ms', transformer: asNumber })
  beatMs!: number;
}
