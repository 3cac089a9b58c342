import { Injectable } from '@nestjs/common';
import type { SessionData } from 'express-session';
import { hashOfKey } from '../../common/keys';
import type { Session } from '../../common/users/session.entity';
import { SessionsRepository } from '../../common/users/sessions.repository';
import { deviceOf } from './device';

/** A log-in as its person sees it. */
export interface SessionView {
  /** Names it in forms; opens nothing. */
  handle: string;
  device: string;
  /** Network address; '' when it is not known. */
  address: string;
  sinceMs: number;
  /** Null when it is not known. */
  seenMs: number | null;
  isThis: boolean;
}

/** The log-ins of a person, in whatever browsers. */
@Injectable()
export class AccountSessions {
  constructor(private readonly sessions: SessionsRepository) {}

  /** The one that asks first, then the latest used. @param own id of the session that asks. */
  async list(userId: string, own: string): Promise<SessionView[]> {
    const ownHash = hashOfKey(own);
    const views = (await this.sessions.findLiveOf(userId)).map((session) => sessionView(session, ownHash));
    return [...views.filter(({ isThis }) => isThis), ...views.filter(({ isThis }) => !isThis)];
  }

  /** @returns whether there was such a session. */
  async end(userId: string, handle: string): Promise<boolean> {
    const session = (await this.sessions.findLiveOf(userId)).find(({ idHash }) => handleOf(idHash) === handle);
    return session !== undefined && this.sessions.endOne(userId, session.idHash);
  }

  /** @returns how many ended. */
  endOthers(userId: string, own: string): Promise<number> {
    return this.sessions.endOthersOf(userId, hashOfKey(own));
  }
}

/** Where a session was begun. */
export function readSession({ data }: Pick<Session, 'data'>): Pick<SessionView, 'device' | 'address'> {
  const { from } = JSON.parse(data) as Pick<SessionData, 'from'>;
  return { device: deviceOf(from?.agent ?? ''), address: from?.address ?? '' };
}

function sessionView(session: Session, ownHash: string): SessionView {
  const { idHash, createdMs, seenMs } = session;
  return {
    handle: handleOf(idHash),
    ...readSession(session),
    sinceMs: createdMs,
    seenMs,
    isThis: idHash === ownHash,
  };
}

function handleOf(idHash: string): string {
  return hashOfKey(`session:${idHash}`).slice(0, 32);
}
