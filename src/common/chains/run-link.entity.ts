import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A run that starts when another one has succeeded. Written with the run itself, by `QueueStore` alone. */
@Entity('run_links')
@Index('idx_run_links_open', ['isOpen', 'runId'])
@Index('idx_run_links_root', ['rootRun', 'runId'])
@Index('idx_run_links_after', ['afterRun'])
export class RunLink {
  @PrimaryColumn('integer', { name: 'run_id' })
  runId!: number;

  /** The run that it waits for. */
  @Column('integer', { name: 'after_run' })
  afterRun!: number;

  /** The first run of the chain, which waited for none. */
  @Column('integer', { name: 'root_run' })
  rootRun!: number;

  /** Whether it waits still. */
  @Column('boolean', { name: 'is_open' })
  isOpen!: boolean;
}
