import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** An address that is told when runs of a project, or of a pipeline, come into some states. Times are milliseconds since 1970. */
@Entity('webhooks')
@Index('idx_webhooks_project', ['projectId'])
@Index('idx_webhooks_pipeline', ['pipelineId'])
export class Webhook {
  /** UUID. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  /** Null for one of a pipeline. */
  @Column('varchar', { name: 'project_id', length: 36, nullable: true })
  projectId!: string | null;

  /** Null for one of a project. */
  @Column('varchar', { name: 'pipeline_id', length: 100, nullable: true })
  pipelineId!: string | null;

  /** Who made it. */
  @Column('varchar', { name: 'owner_id', length: 36 })
  ownerId!: string;

  @Column('varchar', { length: 1000 })
  url!: string;

  /** `whsec_…`: what the body is signed with, and the receiver checks it with. */
  @Column('varchar', { length: 100 })
  secret!: string;

  /** States of runs, separated by commas. */
  @Column('varchar', { length: 200 })
  states!: string;

  /** Tries that failed since the last that did not. */
  @Column('integer')
  failures!: number;

  /** Since when all tries fail; null while they do not. */
  @Column('bigint', { name: 'failing_ms', nullable: true, transformer: asNumber })
  failingMs!: number | null;

  /** Nothing is sent there before. */
  @Column('bigint', { name: 'rest_until_ms', transformer: asNumber })
  restUntilMs!: number;

  @Column('bigint', { name: 'paused_ms', nullable: true, transformer: asNumber })
  pausedMs!: number | null;

  /** The last failure, where it was paused for long failing; '' where a person paused it. */
  @Column('varchar', { name: 'paused_why', length: 300 })
  pausedWhy!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  /** When it was deleted: nobody sees it, and for a while that can be undone. */
  @Column('bigint', { name: 'deleted_ms', nullable: true, transformer: asNumber })
  deletedMs!: number | null;
}

/** One message to one address, from the moment at which what it tells of was written down. */
@Entity('webhook_deliveries')
@Index('uq_webhook_deliveries_once', ['webhookId', 'eventId'], { unique: true })
@Index('idx_webhook_deliveries_due', ['deliveredMs', 'nextTryMs'])
@Index('idx_webhook_deliveries_hook', ['webhookId', 'id'])
export class WebhookDelivery {
  @PrimaryGeneratedColumn('increment', { type: 'integer' })
  id!: number;

  @Column('varchar', { name: 'webhook_id', length: 36 })
  webhookId!: string;

  /** Null for a message that only tries the address. */
  @Column('integer', { name: 'event_id', nullable: true })
  eventId!: number | null;

  @Column('integer', { name: 'run_id', nullable: true })
  runId!: number | null;

  /** UUID, the same at every try: by it receivers drop what they have got already. */
  @Column('varchar', { name: 'message_id', length: 36 })
  messageId!: string;

  /** `run.succeeded`, `ping`. */
  @Column('varchar', { length: 32 })
  kind!: string;

  /** JSON, as it is signed and sent. */
  @Column('text')
  body!: string;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  @Column('bigint', { name: 'next_try_ms', transformer: asNumber })
  nextTryMs!: number;

  @Column('integer')
  tries!: number;

  /** When it was tried last; null: never. */
  @Column('bigint', { name: 'tried_ms', nullable: true, transformer: asNumber })
  triedMs!: number | null;

  /** Null until an answer said yes. */
  @Column('bigint', { name: 'delivered_ms', nullable: true, transformer: asNumber })
  deliveredMs!: number | null;

  /** Of the last answer; null where there was none. */
  @Column('integer', { nullable: true })
  status!: number | null;

  /** How long the last try took. */
  @Column('bigint', { name: 'took_ms', nullable: true, transformer: asNumber })
  tookMs!: number | null;

  @Column('varchar', { name: 'last_error', length: 500, nullable: true })
  lastError!: string | null;
}
