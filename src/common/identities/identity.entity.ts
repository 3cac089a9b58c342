import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asNumber } from '../database/dialect';

/** How the institute says who somebody is. */
export type IdentitySource = 'oidc' | 'ldap' | 'proxy';

/** Whom of the institute an account belongs to. One person there has one account here; an account may belong to several of them. */
@Entity('identities')
@Index('idx_identities_user', ['userId'])
export class Identity {
  /** `identityKey` of issuer and subject: databases hold letters of any size to be equal, and these are not. */
  @PrimaryColumn('varchar', { name: 'key_hash', length: 64 })
  keyHash!: string;

  @Column('varchar', { name: 'user_id', length: 36 })
  userId!: string;

  @Column('varchar', { length: 16 })
  source!: IdentitySource;

  /** Who says so: the issuer of OpenID Connect; `ldap` and `proxy` for the one that is set up. */
  @Column('varchar', { length: 500 })
  issuer!: string;

  /** What never changes of the person there. */
  @Column('varchar', { length: 255 })
  subject!: string;

  /** Log-in name, as it was last said. */
  @Column('varchar', { length: 255 })
  name!: string;

  /** Whether the account was made by the first log-in: then name and address are those of the institute, and no password opens it. */
  @Column('boolean', { name: 'made_account' })
  madeAccount!: boolean;

  /** Whether the person is an administrator because of a group there, and stays one only while in it. */
  @Column('boolean', { name: 'made_admin' })
  madeAdmin!: boolean;

  @Column('bigint', { name: 'linked_ms', transformer: asNumber })
  linkedMs!: number;

  /** Last log-in by it. */
  @Column('bigint', { name: 'seen_ms', transformer: asNumber })
  seenMs!: number;
}
