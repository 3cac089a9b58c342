import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** A guest who logged in to an account and took everything along. The row stays as long as files lie in the home of that guest. */
@Entity('moved_guests')
@Index('idx_moved_guests_account', ['accountId'])
export class MovedGuest {
  @PrimaryColumn('varchar', { name: 'guest_id', length: 36 })
  guestId!: string;

  @Column('varchar', { name: 'account_id', length: 36 })
  accountId!: string;

  @Column('bigint', { name: 'moved_ms', transformer: asNumber })
  movedMs!: number;
}
