import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { asJson, asNumber } from '../database/dialect';

/** What one chore did in a cleaning. */
export interface ChoreRecord {
  name: string;
  count: number;
  files: number;
  bytes: number;
  failures: number;
}

/** One run of the cleaner: when, and what it did. */
@Entity('cleanings')
export class Cleaning {
  @PrimaryGeneratedColumn('increment', { type: 'integer' })
  id!: number;

  @Column('bigint', { name: 'started_ms', transformer: asNumber })
  startedMs!: number;

  /** Null while it is at work, and for ever if it was ended in the middle. */
  @Column('bigint', { name: 'finished_ms', nullable: true, transformer: asNumber })
  finishedMs!: number | null;

  /** What could not be deleted. */
  @Column('integer')
  failures!: number;

  /** The chores that did something. */
  @Column('text', { transformer: asJson })
  details!: ChoreRecord[];
}
