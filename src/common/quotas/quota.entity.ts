import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

export type QuotaSubject = 'person' | 'group';

/** Limits of one person, or of the members of one group. Null: as without this row; 0: no limit, as in the settings. */
@Entity('quotas')
export class Quota {
  @PrimaryColumn('varchar', { length: 8 })
  subject!: QuotaSubject;

  @PrimaryColumn('varchar', { name: 'subject_id', length: 36 })
  subjectId!: string;

  /** Space for files. */
  @Column('bigint', { nullable: true, transformer: asNumber })
  bytes!: number | null;

  @Column('bigint', { nullable: true, transformer: asNumber })
  files!: number | null;

  /** Largest file that may be uploaded. */
  @Column('bigint', { name: 'upload_bytes', nullable: true, transformer: asNumber })
  uploadBytes!: number | null;

  @Column('integer', { nullable: true })
  projects!: number | null;

  @Column('integer', { name: 'runs_at_once', nullable: true })
  runsAtOnce!: number | null;

  @Column('integer', { nullable: true })
  waiting!: number | null;

  @Column('bigint', { name: 'changed_ms', transformer: asNumber })
  changedMs!: number;
}
