import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** `address`: nobody who has proved to have it has come yet. */
export type MemberKind = 'person' | 'group' | 'address';
/** `run` includes `read`. */
export type ProjectRole = 'read' | 'run';

/** Somebody, or a group, whom the owner of a project lets into it. */
@Entity('project_members')
@Index('uq_project_members_subject', ['projectId', 'kind', 'subject'], { unique: true })
@Index('idx_project_members_subject', ['kind', 'subject'])
export class ProjectMember {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  @Column('varchar', { length: 8 })
  kind!: MemberKind;

  /** Id of the account or the group; the address in lower case. */
  @Column('varchar', { length: 254 })
  subject!: string;

  /** As the owner of the project typed it. */
  @Column('varchar', { length: 254 })
  label!: string;

  @Column('varchar', { length: 8 })
  role!: ProjectRole;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;
}
