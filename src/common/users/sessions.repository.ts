import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Not, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { likeWords } from '../database/search-words';
import { Session } from './session.entity';

/** How long sessions live, in milliseconds: without a request, and at most. */
export interface SessionLife {
  idleMs: number;
  mostMs: number;
}

/** A session that has not expired, with the database's time of the look. */
export interface LiveSession {
  data: string;
  createdMs: number;
  expiresMs: number;
  nowMs: number;
}

/** The log-ins of all browsers. Ids come in as SHA-256 hashes: whoever reads the table cannot take over a session. */
@Injectable()
export class SessionsRepository {
  private readonly now: string;
  private readonly least: string;

  constructor(@InjectRepository(Session) private readonly sessions: Repository<Session>) {
    const dialect = dialectOf(sessions.manager.connection.options);
    this.now = NOW_MS[dialect];
    this.least = dialect === 'sqlite' ? 'MIN' : 'LEAST';
  }

  async findLive(idHash: string): Promise<LiveSession | null> {
    const rows = await this.sessions.query<Record<'data' | 'created_ms' | 'expires_ms' | 'now_ms', string | number>[]>(
      `SELECT data, created_ms, expires_ms, ${this.now} AS now_ms FROM sessions WHERE id_hash = ? AND expires_ms > ${this.now}`,
      [idHash],
    );
    const row = rows[0];
    if (!row) return null;
    return {
      data: String(row.data),
      createdMs: Number(row.created_ms),
      expiresMs: Number(row.expires_ms),
      nowMs: Number(row.now_ms),
    };
  }

  /** Starts a session; a second call for the same id, from the same request, replaces its data. */
  async start(idHash: string, userId: string | null, data: string, life: SessionLife): Promise<void> {
    const expires = Math.round(Math.min(life.idleMs, life.mostMs));
    await this.sessions
      .createQueryBuilder()
      .insert()
      .values({ idHash, userId, data, createdMs: () => this.now, seenMs: () => this.now, expiresMs: () => `${this.now} + ${expires}` })
      .orUpdate(['user_id', 'data'], ['id_hash'])
      .execute();
  }

  /** Changes a session that still exists; one that was ended meanwhile (log out in another tab) stays ended. */
  async change(idHash: string, userId: string | null, data: string): Promise<void> {
    await this.sessions.update({ idHash }, { userId, data });
  }

  /** Counts the idle time from now on again, up to the longest life since its start. */
  async extend(idHash: string, life: SessionLife): Promise<void> {
    const idle = Math.round(life.idleMs);
    const most = Math.round(life.mostMs);
    await this.sessions
      .createQueryBuilder()
      .update()
      .set({ seenMs: () => this.now, expiresMs: () => `${this.least}(${this.now} + ${idle}, created_ms + ${most})` })
      .where({ idHash })
      .execute();
  }

  async end(idHash: string): Promise<void> {
    await this.sessions.delete({ idHash });
  }

  /** Logs a person out everywhere. @returns how many sessions that ended. */
  async endAllOf(userId: string): Promise<number> {
    const { affected } = await this.sessions.delete({ userId });
    return affected ?? 0;
  }

  /** Logs a person out everywhere whose account ends; nobody who thought better of it meanwhile. @param leavingMs when they asked for it. */
  async endAllOfLeaver(userId: string, leavingMs: number): Promise<void> {
    await repeatWhileBusy(() =>
      this.sessions.query(
        'DELETE FROM sessions WHERE user_id = ? AND EXISTS (SELECT 1 FROM users u WHERE u.id = sessions.user_id AND u.leaving_ms = ?)',
        [userId, leavingMs],
      ),
    );
  }

  /** Logs a person out everywhere else. @returns how many sessions that ended. */
  async endOthersOf(userId: string, idHash: string): Promise<number> {
    const { affected } = await this.sessions.delete({ userId, idHash: Not(idHash) });
    return affected ?? 0;
  }

  /** Ends one session of a person. @returns whether there was one. */
  async endOne(userId: string, idHash: string): Promise<boolean> {
    const { affected } = await this.sessions.delete({ userId, idHash });
    return (affected ?? 0) > 0;
  }

  /** Those of a person that have not expired, the latest used first. */
  findLiveOf(userId: string): Promise<Session[]> {
    return this.sessions
      .createQueryBuilder('session')
      .where({ userId })
      .andWhere(`session.expires_ms > ${this.now}`)
      .orderBy('session.seen_ms', 'DESC')
      .addOrderBy('session.created_ms', 'DESC')
      .getMany();
  }

  /** Those of anybody that have not expired and hold some text, in letters of any size. */
  findLiveWith(part: string): Promise<Session[]> {
    return this.sessions
      .createQueryBuilder('session')
      .where("LOWER(session.data) LIKE :part ESCAPE '!'", { part: likeWords(part) })
      .andWhere(`session.expires_ms > ${this.now}`)
      .getMany();
  }

  /** Whether a person has any session, expired ones included. */
  existOf(userId: string): Promise<boolean> {
    return this.sessions.existsBy({ userId });
  }

  countExpired(): Promise<number> {
    return this.sessions.createQueryBuilder('session').where(`session.expires_ms <= ${this.now}`).getCount();
  }

  /** For the cleaner: expired rows let nobody in, they only take space. @returns how many went. */
  async deleteExpired(): Promise<number> {
    const { affected } = await this.sessions.createQueryBuilder().delete().where(`expires_ms <= ${this.now}`).execute();
    return affected ?? 0;
  }
}
