import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Upload, type UploadOutcome } from './upload.entity';
import { isHolderDead } from './upload-holder';

/** An upload about to begin; it is held by whoever makes it. */
export type NewUpload = Pick<
  Upload,
  'id' | 'projectId' | 'homeId' | 'requestKey' | 'path' | 'size' | 'modifiedMs' | 'sha256' | 'onConflict' | 'inode'
> &
  Partial<Pick<Upload, 'askerId'>> & { lockHolder: string };

/** What its holder learns from a look. */
export type Hold = 'mine' | 'wanted' | 'lost';

/** Somebody who asked longer ago than this has given up. */
const WANTED_FOR_MS = 5000;

/**
 * The rows of uploads. One request at a time holds an upload: every change of a row carries the holder in its WHERE, and a holder that
 * dies is taken over when its lease is over, by whichever process comes first, or at once by one that can see that it is dead.
 */
@Injectable()
export class UploadsRepository {
  private readonly now: string;

  constructor(@InjectRepository(Upload) private readonly uploads: Repository<Upload>) {
    this.now = NOW_MS[dialectOf(uploads.manager.connection.options)];
  }

  /** @param leaseMs how long it is held. @param lifeMs how long it waits for its rest. */
  async add(upload: NewUpload, leaseMs: number, lifeMs: number): Promise<void> {
    const values = {
      ...upload,
      received: 0,
      state: 'receiving' as const,
      storedAs: null,
      wantedMs: 0,
      lockUntilMs: () => `${this.now} + ${leaseMs}`,
      createdMs: () => this.now,
      reservedMs: () => this.now,
      expiresMs: () => `${this.now} + ${lifeMs}`,
    };
    await repeatWhileBusy(() => this.uploads.createQueryBuilder().insert().values(values).execute());
  }

  find(projectId: string, id: string): Promise<Upload | null> {
    return this.uploads.findOneBy({ projectId, id });
  }

  findById(id: string): Promise<Upload | null> {
    return this.uploads.findOneBy({ id });
  }

  /** Null where it was somebody else who asked with that key. */
  findByKey(projectId: string, requestKey: string, askerId: string): Promise<Upload | null> {
    return this.uploads.findOneBy({ projectId, requestKey, askerId });
  }

  /** What is not over, oldest first, with the number of all of it. @param askerId of whom; null: of everybody. */
  async unfinished(projectId: string, most: number, askerId: string | null): Promise<{ uploads: Upload[]; total: number }> {
    const where = { projectId, state: 'receiving' as const, ...(askerId === null ? {} : { askerId }) };
    const [uploads, total] = await this.uploads.findAndCount({ where, order: { createdMs: 'ASC', id: 'ASC' }, take: most });
    return { uploads, total };
  }

  /** All of a project, those that are over too. */
  ofProject(projectId: string): Promise<Upload[]> {
    return this.uploads.findBy({ projectId });
  }

  /** @returns false while somebody else holds it: for the time of his lease, or until his process is known to be dead. */
  async lock(id: string, holder: string, leaseMs: number): Promise<boolean> {
    const change = { lockHolder: holder, lockUntilMs: () => `${this.now} + ${leaseMs}`, wantedMs: 0 };
    if (await this.change(change, `id = :id AND (lock_holder IS NULL OR lock_until_ms <= ${this.now})`, { id })) return true;
    const row = await this.uploads.findOne({ select: { id: true, lockHolder: true }, where: { id } });
    const dead = row?.lockHolder;
    if (!dead || !isHolderDead(dead)) return false;
    return this.change(change, 'id = :id AND lock_holder = :dead', { id, dead });
  }

  /** Holds it for longer. @returns false when it was lost to somebody else. */
  renew(id: string, holder: string, leaseMs: number): Promise<boolean> {
    return this.change({ lockUntilMs: () => `${this.now} + ${leaseMs}` }, 'id = :id AND lock_holder = :holder', { id, holder });
  }

  async look(id: string, holder: string): Promise<Hold> {
    const row = await this.uploads
      .createQueryBuilder('upload')
      .select('upload.lock_holder', 'holder')
      .addSelect(`CASE WHEN upload.wanted_ms > ${this.now} - ${WANTED_FOR_MS} THEN 1 ELSE 0 END`, 'wanted')
      .where({ id })
      .getRawOne<{ holder: string | null; wanted: number | string }>();
    if (row?.holder !== holder) return 'lost';
    return Number(row.wanted) === 1 ? 'wanted' : 'mine';
  }

  /** Leaves a sign for the holder, in whichever process, that somebody else waits. */
  async want(id: string): Promise<void> {
    await this.change({ wantedMs: () => this.now }, 'id = :id AND lock_holder IS NOT NULL', { id });
  }

  /** Lets go of it. @param received bytes that lie there now; undefined: nothing was looked at. */
  async unlock(id: string, holder: string, progress?: { received: number; lifeMs: number }): Promise<void> {
    const change = progress ? { received: progress.received, expiresMs: () => `${this.now} + ${progress.lifeMs}` } : {};
    await this.change({ ...change, lockHolder: null, lockUntilMs: 0 }, 'id = :id AND lock_holder = :holder', { id, holder });
  }

  async markReserved(id: string): Promise<void> {
    await this.change({ reservedMs: () => this.now }, 'id = :id', { id });
  }

  /** Notes what became of it, and lets go. @param lifeMs how long that is remembered. */
  async close(id: string, holder: string, outcome: { state: UploadOutcome; storedAs: string | null }, lifeMs: number): Promise<void> {
    const change = { ...outcome, received: () => 'size', lockHolder: null, lockUntilMs: 0, expiresMs: () => `${this.now} + ${lifeMs}` };
    await this.change(change, 'id = :id AND lock_holder = :holder', { id, holder });
  }

  /** Past their time and held by nobody, the oldest first. */
  expired(nowMs: number, most: number): Promise<Upload[]> {
    return this.uploads
      .createQueryBuilder('upload')
      .where('upload.expires_ms <= :nowMs AND (upload.lock_holder IS NULL OR upload.lock_until_ms <= :nowMs)', { nowMs })
      .orderBy('upload.expires_ms')
      .limit(most)
      .getMany();
  }

  /** Those of these ids that have a row and are not over. */
  async open(ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.uploads.find({ select: { id: true }, where: { id: In([...ids]), state: 'receiving' } });
    return new Set(rows.map(({ id }) => id));
  }

  async forget(id: string): Promise<void> {
    await repeatWhileBusy(() => this.uploads.delete({ id }));
  }

  async nowMs(): Promise<number> {
    const [row] = await this.uploads.query<{ now_ms: number | string }[]>(`SELECT ${this.now} AS now_ms`);
    return Number(row?.now_ms);
  }

  private async change(change: object, where: string, values: Record<string, string>): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.uploads.createQueryBuilder().update().set(change).where(where, values).execute());
    return (affected ?? 0) > 0;
  }
}
