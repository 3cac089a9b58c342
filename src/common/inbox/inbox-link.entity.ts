import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';
import type { InboxSource } from '../files/inbox-files';

/** A file of the inbox that a project uses without a copy. In the project a small file stands for it, which names the id. */
@Entity('inbox_links')
@Index('idx_inbox_links_project', ['projectId'])
export class InboxLink {
  /** UUID. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { name: 'project_id', length: 36 })
  projectId!: string;

  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('varchar', { length: 16 })
  source!: InboxSource;

  /** Address in the inbox, or in the owner's part of it (see `formatEntryPath`). */
  @Column('text')
  target!: string;

  /** Who the file was when it was linked, as in `FileIdentity`. */
  @Column('varchar', { length: 20 })
  inode!: string;

  @Column('bigint', { transformer: asNumber })
  size!: number;

  @Column('varchar', { name: 'mtime_ns', length: 20 })
  mtimeNs!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;
}
