import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, LessThan, type FindOptionsWhere, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { AccountLink, type LinkPurpose } from './account-link.entity';

export type NewLink = Pick<AccountLink, 'id' | 'tokenHash' | 'purpose' | 'userId' | 'email'>;

/** Whom links are for: an account, or an address that has none yet. */
export type LinkTarget = { userId: string } | { email: string };

const KEPT_MS = 30 * 86_400_000;

/** The rows of single-use links. Time is the database's. */
@Injectable()
export class AccountLinksRepository {
  private readonly now: string;
  private readonly old: string;

  constructor(@InjectRepository(AccountLink) private readonly links: Repository<AccountLink>) {
    this.now = NOW_MS[dialectOf(links.manager.connection.options)];
    this.old = `expires_ms < ${this.now} - ${KEPT_MS}`;
  }

  /** @param lifeMs how long it works. */
  async add({ id, tokenHash, purpose, userId, email }: NewLink, lifeMs: number): Promise<void> {
    const columns = 'id, token_hash, purpose, user_id, email, created_ms, expires_ms';
    const times = `${this.now}, ${this.now} + ${Math.round(lifeMs)}`;
    await repeatWhileBusy(() =>
      this.links.query(`INSERT INTO account_links (${columns}) VALUES (?, ?, ?, ?, ?, ${times})`, [id, tokenHash, purpose, userId, email]),
    );
  }

  find(tokenHash: string): Promise<AccountLink | null> {
    return this.links.findOneBy({ tokenHash });
  }

  /** Whether it works now; a moment later somebody else may have used it. */
  isLive(id: string): Promise<boolean> {
    return this.links
      .createQueryBuilder('link')
      .where({ id, ...UNSPENT })
      .andWhere(`link.expires_ms > ${this.now}`)
      .getExists();
  }

  /** Spends the link. @returns true for one caller only, however many come at once, and for none when its time is over. */
  async use(id: string): Promise<boolean> {
    const update = this.links
      .createQueryBuilder()
      .update()
      .set({ usedMs: () => this.now });
    const { affected } = await repeatWhileBusy(() =>
      update
        .where({ id, ...UNSPENT })
        .andWhere(`expires_ms > ${this.now}`)
        .execute(),
    );
    return (affected ?? 0) > 0;
  }

  /** Makes earlier links of these purposes worthless. @param beforeMs those made then or later stay. */
  async replace(purposes: readonly LinkPurpose[], target: LinkTarget, beforeMs = Number.MAX_SAFE_INTEGER): Promise<void> {
    const where: FindOptionsWhere<AccountLink> = { ...target, ...UNSPENT, purpose: In([...purposes]), createdMs: LessThan(beforeMs) };
    await repeatWhileBusy(() => this.links.update(where, { replacedMs: () => this.now }));
  }

  /** Those whose time was over a month ago: until then they can say why they do not work. */
  countOld(): Promise<number> {
    return this.links.createQueryBuilder('link').where(this.old).getCount();
  }

  async deleteOld(): Promise<void> {
    await repeatWhileBusy(() => this.links.createQueryBuilder().delete().where(this.old).execute());
  }
}

const UNSPENT = { usedMs: IsNull(), replacedMs: IsNull() };
