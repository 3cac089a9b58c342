import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** Where a group comes from: `local` ones are made here, `institute` ones follow a group there (INSTITUTE_GROUPS). */
export type GroupSource = 'local' | 'institute';

/** People who are named together: for pipelines, projects and limits. */
@Entity('groups')
export class Group {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { length: 100 })
  name!: string;

  /** `groupKey` of the name: what must differ. */
  @Column('varchar', { name: 'name_key', length: 100 })
  @Index('uq_groups_name', { unique: true })
  nameKey!: string;

  /** '' for none. */
  @Column('varchar', { length: 200 })
  description!: string;

  @Column('varchar', { length: 16 })
  source!: GroupSource;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;
}

/** One account in one group. */
@Entity('group_members')
export class GroupMember {
  @PrimaryColumn('varchar', { name: 'group_id', length: 36 })
  groupId!: string;

  @PrimaryColumn('varchar', { name: 'user_id', length: 36 })
  @Index('idx_group_members_user')
  userId!: string;

  @Column('bigint', { name: 'added_ms', transformer: asNumber })
  addedMs!: number;
}
