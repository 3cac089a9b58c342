import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

export type UserKind = 'account' | 'guest';

/** A person: with an account (e-mail and password) or a guest (known by a random cookie). */
@Entity('users')
@Index('uq_users_email', ['email'], { unique: true })
@Index('uq_users_guest', ['guestKeyHash'], { unique: true })
@Index('idx_users_created', ['createdMs'])
@Index('idx_users_seen', ['lastSeenMs'])
@Index('idx_users_name', ['displayName'])
export class User {
  /** UUID; also the name of the folder of all their projects. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;

  @Column('varchar', { length: 16 })
  kind!: UserKind;

  /** Lower case; null for guests. */
  @Column('varchar', { length: 254, nullable: true })
  email!: string | null;

  /** What others see in the queue: never the address. */
  @Column('varchar', { name: 'display_name', length: 100 })
  displayName!: string;

  /** argon2id, PHC string; null for guests, and where no password opens the account. */
  @Column('varchar', { name: 'password_hash', length: 255, nullable: true })
  passwordHash!: string | null;

  /** SHA-256 (hex) of the guest's cookie; null for accounts. */
  @Column('varchar', { name: 'guest_key_hash', length: 64, nullable: true })
  guestKeyHash!: string | null;

  @Column('boolean', { name: 'is_admin' })
  isAdmin!: boolean;

  /** When a link in a mail, or an administrator, proved that the address is this person's; null until then. */
  @Column('bigint', { name: 'confirmed_ms', nullable: true, transformer: asNumber })
  confirmedMs!: number | null;

  /** When the person asked for the end of the account; it goes with all that is in it some days later. Null for everybody else. */
  @Column('bigint', { name: 'leaving_ms', nullable: true, transformer: asNumber })
  leavingMs!: number | null;

  /** Since when the person wants no mail before results are deleted; null: they want it. */
  @Column('bigint', { name: 'unwarned_ms', nullable: true, transformer: asNumber })
  unwarnedMs!: number | null;
  /** Since when an administrator keeps the person out; null for everybody else. */
  @Column('bigint', { name: 'suspended_ms', nullable: true, transformer: asNumber })
  suspendedMs!: number | null;

  /** Why, in words that the person reads. */
  @Column('varchar', { name: 'suspended_why', length: 300, nullable: true })
  suspendedWhy!: string | null;

  /** Since when the cleaner deletes the account with all that is in it: nobody comes back into it any more. Null for everybody else. */
  @Column('bigint', { name: 'removing_ms', nullable: true, transformer: asNumber })
  removingMs!: number | null;

  /** When the folder of the inbox that is called by the address was made for this account; null: it was not, or it was there before. */
  @Column('bigint', { name: 'inbox_ms', nullable: true, transformer: asNumber })
  inboxMs!: number | null;

  @Column('bigint', { name: 'created_ms', transformer: asNumber })
  createdMs!: number;

  @Column('bigint', { name: 'last_seen_ms', transformer: asNumber })
  lastSeenMs!: number;
}
