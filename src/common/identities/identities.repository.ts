import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Identity } from './identity.entity';

/** Who somebody is, and who says so. */
export type IdentityName = Pick<Identity, 'issuer' | 'subject'>;

/** An identity about to be linked to an account. */
export type NewIdentity = Pick<Identity, 'userId' | 'source' | 'issuer' | 'subject' | 'name' | 'madeAccount'>;

/** Which account belongs to whom of the institute. */
@Injectable()
export class IdentitiesRepository {
  private readonly now: string;

  constructor(@InjectRepository(Identity) private readonly identities: Repository<Identity>) {
    this.now = NOW_MS[dialectOf(identities.manager.connection.options)];
  }

  find(name: IdentityName): Promise<Identity | null> {
    return this.identities.findOneBy({ keyHash: identityKey(name) });
  }

  /** Those of an account, the oldest first. */
  ofUser(userId: string): Promise<Identity[]> {
    return this.identities.find({ where: { userId }, order: { linkedMs: 'ASC', keyHash: 'ASC' } });
  }

  /** Whether the account was made by a log-in of the institute. */
  async madeAccount(userId: string): Promise<boolean> {
    return this.identities.existsBy({ userId, madeAccount: true });
  }

  /** @returns false when it belongs to another account already: the primary key decides, also between two at the same moment. */
  async add(identity: NewIdentity): Promise<boolean> {
    const keyHash = identityKey(identity);
    const values = { ...identity, keyHash, madeAdmin: false, linkedMs: () => this.now, seenMs: () => this.now };
    await repeatWhileBusy(() => this.identities.createQueryBuilder().insert().orIgnore().values(values).execute());
    return this.identities.existsBy({ keyHash, userId: identity.userId });
  }

  async markSeen(keyHash: string, name: string): Promise<void> {
    await repeatWhileBusy(() => this.identities.update({ keyHash }, { name, seenMs: () => this.now }));
  }

  async setMadeAdmin(keyHash: string, madeAdmin: boolean): Promise<void> {
    await repeatWhileBusy(() => this.identities.update({ keyHash }, { madeAdmin }));
  }

  /** Unless the account was made by it. @returns whether it was one of the account. */
  async unlink(keyHash: string, userId: string): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.identities.delete({ keyHash, userId, madeAccount: false }));
    return (affected ?? 0) > 0;
  }

  /** Of an account that is gone. */
  async forget(keyHash: string): Promise<void> {
    await repeatWhileBusy(() => this.identities.delete({ keyHash }));
  }
}

/** SHA-256 of both, in hexadecimal digits. */
export function identityKey({ issuer, subject }: IdentityName): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');
}
