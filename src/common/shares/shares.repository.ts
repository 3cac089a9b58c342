import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { UNDO_MS } from '../undo-time';
import { Share } from './share.entity';

export type NewShare = Pick<Share, 'id' | 'tokenHash' | 'projectId' | 'runId' | 'note'>;

/** Numbers in one IN list. */
const MOST_AT_ONCE = 500;

/**
 * Whoever asked for the end of the account shows nothing any more, whether or not the links are gone already; nor does whoever is kept out,
 * as long as that lasts: they could not take a link back.
 */
const OWNER_STAYS = `NOT EXISTS (SELECT 1 FROM projects p JOIN users u ON u.id = p.owner_id
  WHERE p.id = share.projectId AND (u.leaving_ms IS NOT NULL OR u.suspended_ms IS NOT NULL))`;

/** The rows of links. Time is the database's. */
@Injectable()
export class SharesRepository {
  private readonly now: string;
  private readonly isOpen: string;

  constructor(@InjectRepository(Share) private readonly shares: Repository<Share>) {
    this.now = NOW_MS[dialectOf(shares.manager.connection.options)];
    this.isOpen = `share.expiresMs > ${this.now} AND share.revokedMs IS NULL AND ${OWNER_STAYS}`;
  }

  /** @param lifeMs how long it opens. */
  async add({ id, tokenHash, projectId, runId, note }: NewShare, lifeMs: number): Promise<void> {
    const columns = 'id, token_hash, project_id, run_id, note, created_ms, expires_ms';
    await repeatWhileBusy(() =>
      this.shares.query(`INSERT INTO shares (${columns}) VALUES (?, ?, ?, ?, ?, ${this.now}, ${this.now} + ${Math.round(lifeMs)})`, [
        id,
        tokenHash,
        projectId,
        runId,
        note,
      ]),
    );
  }

  /** Those that still open something, of the given ones. */
  findLive(tokenHashes: readonly string[]): Promise<Share[]> {
    if (tokenHashes.length === 0) return Promise.resolve([]);
    return this.shares
      .createQueryBuilder('share')
      .where('share.tokenHash IN (:...tokenHashes)', { tokenHashes })
      .andWhere(this.isOpen)
      .getMany();
  }

  /** Null for one that opens nothing any more. */
  findLiveById(id: string): Promise<Share | null> {
    return this.shares.createQueryBuilder('share').where({ id }).andWhere(this.isOpen).getOne();
  }

  /** Those of a project and of its runs that still open something, the latest first. */
  ofProject(projectId: string): Promise<Share[]> {
    return this.shares
      .createQueryBuilder('share')
      .where({ projectId })
      .andWhere(this.isOpen)
      .orderBy('share.createdMs', 'DESC')
      .addOrderBy('share.id')
      .getMany();
  }

  async markOpened(id: string): Promise<void> {
    await repeatWhileBusy(() => this.shares.query(`UPDATE shares SET opened_ms = ${this.now} WHERE id = ?`, [id]));
  }

  /** It closes at once. @returns whether there was one. */
  async revoke(projectId: string, id: string): Promise<boolean> {
    const change = { revokedMs: () => this.now };
    const { affected } = await repeatWhileBusy(() => this.shares.update({ projectId, id, revokedMs: IsNull() }, change));
    return (affected ?? 0) > 0;
  }

  /** Opens one again that was taken back a short while ago. @returns whether it opens now. */
  async restore(projectId: string, id: string): Promise<boolean> {
    const update = this.shares.createQueryBuilder().update().set({ revokedMs: null }).where({ projectId, id });
    await repeatWhileBusy(() => update.andWhere(`revoked_ms > ${this.now} - ${UNDO_MS}`).execute());
    return (await this.findLiveById(id))?.projectId === projectId;
  }

  /** All projects of somebody whose account ends close for good; not of whoever thought better of it meanwhile. @param leavingMs when they asked for it. */
  async deleteOfLeaver(ownerId: string, leavingMs: number): Promise<void> {
    const theirs = 'SELECT p.id FROM projects p JOIN users u ON u.id = p.owner_id WHERE p.owner_id = ? AND u.leaving_ms = ?';
    await repeatWhileBusy(() => this.shares.query(`DELETE FROM shares WHERE project_id IN (${theirs})`, [ownerId, leavingMs]));
  }

  /** Whether somebody's projects have any, good or not. */
  async existOfOwner(ownerId: string): Promise<boolean> {
    return (await this.idsOfOwner(ownerId)).length > 0;
  }

  /** Those of somebody's projects that still open something. */
  countOfOwner(ownerId: string): Promise<number> {
    return this.shares
      .createQueryBuilder('share')
      .where('share.projectId IN (SELECT p.id FROM projects p WHERE p.owner_id = :ownerId)', { ownerId })
      .andWhere(this.isOpen)
      .getCount();
  }

  /** Links that are over or were taken back, and those to what is gone. */
  async useless(): Promise<string[]> {
    const rows = await this.shares.query<{ id: string }[]>(
      `SELECT s.id AS id FROM shares s WHERE s.expires_ms <= ${this.now} OR s.revoked_ms <= ${this.now} - ${UNDO_MS}
       OR NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = s.project_id)
       OR (s.run_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM queue r WHERE r.id = s.run_id))`,
    );
    return rows.map(({ id }) => id);
  }

  async deleteAll(ids: readonly string[]): Promise<void> {
    for (let index = 0; index < ids.length; index += MOST_AT_ONCE) {
      await repeatWhileBusy(() => this.shares.delete({ id: In(ids.slice(index, index + MOST_AT_ONCE)) }));
    }
  }

  private async idsOfOwner(ownerId: string): Promise<string[]> {
    const rows = await this.shares.query<{ id: string }[]>(
      'SELECT s.id AS id FROM shares s JOIN projects p ON p.id = s.project_id WHERE p.owner_id = ?',
      [ownerId],
    );
    return rows.map(({ id }) => id);
  }
}
