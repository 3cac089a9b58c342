import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** What came of it: it was done, it was not allowed, or it failed. */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Kinds of things that somebody does something to. */
export const AUDIT_KINDS = ['person', 'project', 'run', 'runner', 'group', 'pipeline', 'share', 'mail', 'files', 'token', 'site'] as const;
export type AuditObjectKind = (typeof AUDIT_KINDS)[number];

/** Somebody did, or tried to do, something. Rows are added and, much later, deleted; only the name of somebody who is gone is blanked. */
@Entity('audit')
@Index('idx_audit_at', ['atMs'])
@Index('idx_audit_actor', ['actorId'])
@Index('idx_audit_actor_name', ['actorName'])
@Index('idx_audit_action', ['action'])
@Index('idx_audit_object', ['objectKind', 'objectId'])
@Index('idx_audit_outcome', ['outcome'])
export class AuditEntry {
  /** Grows with time. */
  @PrimaryGeneratedColumn('increment', { type: 'integer' })
  id!: number;

  /** By the database's clock. */
  @Column('bigint', { name: 'at_ms', transformer: asNumber })
  atMs!: number;

  /** Null for programs, and for people who are nobody yet. */
  @Column('varchar', { name: 'actor_id', length: 36, nullable: true })
  actorId!: string | null;

  /** At that time: the name of a person, or `shell: root@host`, `cleaner: host`. '' for nobody, and for people whose account is gone. */
  @Column('varchar', { name: 'actor_name', length: 254 })
  actorName!: string;

  /** `project.rename`. */
  @Column('varchar', { length: 64 })
  action!: string;

  @Column('varchar', { name: 'object_kind', length: 16, nullable: true })
  objectKind!: AuditObjectKind | null;

  @Column('varchar', { name: 'object_id', length: 64, nullable: true })
  objectId!: string | null;

  /** At that time. */
  @Column('varchar', { name: 'object_name', length: 254 })
  objectName!: string;

  /** Of the network; '' for programs. */
  @Column('varchar', { length: 64 })
  address!: string;

  /** Short JSON without secrets; '' for none. */
  @Column('varchar', { length: 2000 })
  details!: string;

  @Column('varchar', { length: 16 })
  outcome!: AuditOutcome;
}
