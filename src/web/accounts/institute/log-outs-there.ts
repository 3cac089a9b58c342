import { Injectable } from '@nestjs/common';
import type { SessionData } from 'express-session';
import { IdentitiesRepository } from '../../../common/identities/identities.repository';
import type { Session } from '../../../common/users/session.entity';
import { SessionsRepository } from '../../../common/users/sessions.repository';
import type { EndedThere } from '../../institute/log-out-tokens';

/** By how much the clocks of the provider and of the database may differ. */
const TOLERANCE_MS = 60_000;

/** Ends the sessions of people whose log-in at the provider is over. Those that began with a password stay. */
@Injectable()
export class LogOutsThere {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly sessions: SessionsRepository,
  ) {}

  /** @returns whose they were, and how many: 0 for somebody who is not known here, or was logged out already. */
  async end(ended: EndedThere): Promise<{ userIds: string[]; count: number }> {
    const those = (await this.candidates(ended)).filter((session) => isMeant(session, ended));
    const userIds = new Set<string>();
    let count = 0;
    for (const { userId, idHash } of those) {
      if (userId === null || !(await this.sessions.endOne(userId, idHash))) continue;
      userIds.add(userId);
      count += 1;
    }
    return { userIds: [...userIds], count };
  }

  private async candidates({ issuer, subject, sid }: EndedThere): Promise<Session[]> {
    if (subject === null) return this.sessions.findLiveWith(`"sid":${JSON.stringify(sid)}`);
    const identity = await this.identities.find({ issuer, subject });
    return identity ? this.sessions.findLiveOf(identity.userId) : [];
  }
}

/** Of a log-in of which nobody knows the name at the provider it is enough that it was the same person's. */
function isMeant({ data, createdMs }: Session, { subject, sid, saidMs }: EndedThere): boolean {
  const { by } = JSON.parse(data) as Pick<SessionData, 'by'>;
  if (by?.source !== 'oidc' || createdMs > saidMs + TOLERANCE_MS) return false;
  if (subject === null) return by.sid === sid;
  return by.subject === subject && (sid === null || by.sid === undefined || by.sid === sid);
}
