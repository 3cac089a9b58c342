import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, type Repository, type SelectQueryBuilder } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { UNDO_MS } from '../undo-time';
import { ApiToken } from './api-token.entity';

export type NewToken = Pick<ApiToken, 'id' | 'userId' | 'tokenHash' | 'prefix' | 'name' | 'scopes'>;

/** A token that lets somebody in. */
export interface LiveToken {
  token: ApiToken;
  /** Whether its last use was not written down lately. */
  isUseDue: boolean;
}

const DAY_MS = 86_400_000;
/** So long people see that a token has ended, and can tell why a program is not let in any more. */
const SHOWN_AFTER_END_MS = 30 * DAY_MS;
/** A use is written down at most this often, so that looking at things does not write. */
const NOTE_USE_EVERY_MS = 5 * 60_000;
/** Somebody whom an external table of people shut out. */
const SHUT_OUT = 'EXISTS (SELECT 1 FROM external_users e WHERE e.user_id = token.user_id AND e.ended_ms IS NOT NULL)';

/** The rows of tokens. Time is the database's. */
@Injectable()
export class ApiTokensRepository {
  private readonly now: string;
  private readonly isOver: string;
  private readonly isUseless: string;

  constructor(
    @InjectRepository(ApiToken) private readonly tokens: Repository<ApiToken>,
    { settings }: AppConfig,
  ) {
    this.now = NOW_MS[dialectOf(tokens.manager.connection.options)];
    // A longest life that was made shorter holds for tokens that are there already.
    const overSince = (ms: number) =>
      `(expires_ms <= ${this.now} - ${ms} OR created_ms <= ${this.now} - ${ms + settings.TOKEN_DAYS * DAY_MS})`;
    this.isOver = overSince(0);
    this.isUseless = `(${overSince(SHOWN_AFTER_END_MS)} OR revoked_ms <= ${this.now} - ${UNDO_MS}
      OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = user_id))`;
  }

  /** @param lifeMs how long it lets somebody in. */
  async add({ id, userId, tokenHash, prefix, name, scopes }: NewToken, lifeMs: number): Promise<void> {
    const times = { createdMs: () => this.now, expiresMs: () => `${this.now} + ${Math.round(lifeMs)}` };
    const values = { id, userId, tokenHash, prefix, name, scopes, ...times };
    await repeatWhileBusy(() => this.tokens.createQueryBuilder().insert().values(values).execute());
  }

  /** Null for one that lets nobody in. */
  async findLive(tokenHash: string): Promise<LiveToken | null> {
    const look = this.live().andWhere({ tokenHash }).andWhere(`NOT ${SHUT_OUT}`).addSelect(this.now, 'now_ms');
    const { entities, raw } = await look.getRawAndEntities<{ now_ms: number | string }>();
    const [token] = entities;
    if (!token) return null;
    const isUseDue = token.usedMs === null || token.usedMs <= Number(raw[0]?.now_ms) - NOTE_USE_EVERY_MS;
    return { token, isUseDue };
  }

  /** Those of a person that were not taken back, the latest first; those whose time is over as well, for a while. */
  ofPerson(userId: string): Promise<ApiToken[]> {
    return this.tokens.find({ where: { userId, revokedMs: IsNull() }, order: { createdMs: 'DESC', id: 'ASC' } });
  }

  /** Of everybody: those that were not taken back, by person. */
  all(): Promise<ApiToken[]> {
    return this.tokens.find({ where: { revokedMs: IsNull() }, order: { userId: 'ASC', createdMs: 'DESC', id: 'ASC' } });
  }

  /** Whether somebody has any at all, good or not. */
  existOf(userId: string): Promise<boolean> {
    return this.tokens.existsBy({ userId });
  }

  /** Those that let somebody in. */
  countLive(userId: string): Promise<number> {
    return this.live().andWhere({ userId }).getCount();
  }

  /** Ids of those of a person whose time is over. */
  async endedOf(userId: string): Promise<Set<string>> {
    const ended = await this.tokens.createQueryBuilder('token').where({ userId }).andWhere(this.isOver).getMany();
    return new Set(ended.map(({ id }) => id));
  }

  /** Writes down that a program came with it now. */
  async noteUse(id: string, address: string): Promise<void> {
    await repeatWhileBusy(() => this.tokens.update({ id }, { usedMs: () => this.now, usedAddress: address.slice(0, 64) }));
  }

  /** It lets nobody in from now on. @returns whether there was one. */
  async revoke(userId: string, id: string): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() =>
      this.tokens.update({ userId, id, revokedMs: IsNull() }, { revokedMs: () => this.now }),
    );
    return (affected ?? 0) > 0;
  }

  /** @returns how many of them let somebody in. */
  async revokeAll(userId: string): Promise<number> {
    const count = await this.countLive(userId);
    await repeatWhileBusy(() => this.tokens.update({ userId, revokedMs: IsNull() }, { revokedMs: () => this.now }));
    return count;
  }

  /** Takes that back, for a short while. @returns whether it is there again. */
  async restore(userId: string, id: string): Promise<boolean> {
    const update = this.tokens.createQueryBuilder().update().set({ revokedMs: null }).where({ userId, id });
    await repeatWhileBusy(() => update.andWhere(`revoked_ms > ${this.now} - ${UNDO_MS}`).execute());
    return this.tokens.existsBy({ userId, id, revokedMs: IsNull() });
  }

  /** All of somebody, for good. */
  async deleteOf(userId: string): Promise<void> {
    await repeatWhileBusy(() => this.tokens.delete({ userId }));
  }

  /** Those that were taken back, whose time was over a month ago, or whose person is gone. */
  countUseless(): Promise<number> {
    return this.tokens.createQueryBuilder('api_tokens').where(this.isUseless).getCount();
  }

  async deleteUseless(): Promise<void> {
    await repeatWhileBusy(() => this.tokens.createQueryBuilder().delete().where(this.isUseless).execute());
  }

  private live(): SelectQueryBuilder<ApiToken> {
    return this.tokens.createQueryBuilder('token').where({ revokedMs: IsNull() }).andWhere(`NOT ${this.isOver}`);
  }
}
