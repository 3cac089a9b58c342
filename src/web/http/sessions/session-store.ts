import { callbackify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { type SessionData, Store } from 'express-session';
import { AppConfig } from '../../../common/config/app-config';
import { SessionsRepository, type LiveSession, type SessionLife } from '../../../common/users/sessions.repository';
import { UsersRepository } from '../../../common/users/users.repository';
import { hashOfKey } from '../../../common/keys';

type Done = (error?: unknown) => void;

/** A page view counts the idle time anew at most this often, so that reading pages does not write. */
const EXTEND_EVERY_MS = 5 * 60_000;

/** Sessions of express-session in our own table. Errors reach the request that needs the session; nothing is kept in memory. */
@Injectable()
export class SessionStore extends Store {
  private readonly life: SessionLife;

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly users: UsersRepository,
    config: AppConfig,
  ) {
    super();
    this.life = { idleMs: config.settings.SESSION_IDLE * 1000, mostMs: config.settings.SESSION_MOST * 1000 };
  }

  override get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    callbackify(async () => {
      const row = await this.sessions.findLive(hashOfKey(id));
      return row && this.read(row);
    })(done);
  }

  override set(id: string, session: SessionData, done: Done = ignore): void {
    const { stored, cookie: _cookie, ...data } = session;
    const userId = session.personId ?? null;
    callbackify(() =>
      stored
        ? this.sessions.change(hashOfKey(id), userId, JSON.stringify(data))
        : this.sessions.start(hashOfKey(id), userId, JSON.stringify(data), this.life),
    )(done);
  }

  override destroy(id: string, done: Done = ignore): void {
    callbackify(() => this.sessions.end(hashOfKey(id)))(done);
  }

  override touch(id: string, session: SessionData, done: Done = ignore): void {
    if (session.stored?.extend) callbackify(() => this.extend(id, session))(done);
    else done();
  }

  private async extend(id: string, session: SessionData): Promise<void> {
    await this.sessions.extend(hashOfKey(id), this.life);
    if (session.personId) await this.users.markSeen(session.personId);
  }

  private read(row: LiveSession): SessionData {
    const { idleMs, mostMs } = this.life;
    const since = row.nowMs - (row.expiresMs - idleMs);
    const extend = since > Math.min(EXTEND_EVERY_MS, idleMs / 10) && row.expiresMs < row.createdMs + mostMs;
    const data = JSON.parse(row.data) as Omit<SessionData, 'cookie'>;
    return { ...data, cookie: { originalMaxAge: null }, stored: { extend } };
  }
}

function ignore(): void {
  // express-session leaves the callback out where it does not wait.
}
