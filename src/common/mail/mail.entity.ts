import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** About a run, about an account, before results are deleted, about a schedule that cannot start or a webhook that is not reached, or to try the mail server. */
export type MailKind = 'started' | 'finished' | AccountMailKind | 'expiring' | 'schedule' | 'webhook' | 'test';
export type AccountMailKind =
  'confirm' | 'reset' | 'move' | 'moving' | 'moved' | 'password' | 'connected' | 'disconnected' | 'leaving' | 'shared' | 'sharedToRun';

/** One mail to one person in the outbox: written with what it tells about, sent (and sent again) by whoever has time. */
@Entity('mails')
@Index('uq_mails_once', ['runId', 'kind', 'attempt'], { unique: true })
@Index('idx_mails_due', ['sentMs', 'nextTryMs'])
@Index('idx_mails_warning', ['warningId'])
export class Mail {
  @PrimaryGeneratedColumn('increment', { type: 'integer' })
  id!: number;

  @Column('integer', { name: 'run_id', nullable: true })
  runId!: number | null;

  /** With `runId` and `attempt` unique, so that a mail is written once however often one tries. */
  @Column('varchar', { length: 32 })
  kind!: MailKind;

  @Column('integer')
  attempt!: number;

  @Column('varchar', { length: 254 })
  recipient!: string;

  @Column('varchar', { length: 255 })
  subject!: string;

  @Column('text', { name: 'text_body' })
  textBody!: string;

  @Column('text', { name: 'html_body' })
  htmlBody!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  @Column('bigint', { name: 'next_try_ms', transformer: asNumber })
  nextTryMs!: number;

  @Column('integer')
  tries!: number;

  /** Null until the server took it. */
  @Column('bigint', { name: 'sent_ms', nullable: true, transformer: asNumber })
  sentMs!: number | null;

  @Column('varchar', { name: 'last_error', length: 1000, nullable: true })
  lastError!: string | null;

  /** Of a mail that tells of deletions to come (see `RemovalWarning`). */
  @Column('varchar', { name: 'warning_id', length: 36, nullable: true })
  warningId!: string | null;
}
