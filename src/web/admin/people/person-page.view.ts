import { Injectable } from '@nestjs/common';
import { MirrorsRepository } from '../../../common/external-users/mirrors.repository';
import { NotFoundError } from '../../../common/errors';
import { RunsRepository } from '../../../common/queue/runs.repository';
import type { RunState } from '../../../common/queue/run-state';
import { Space } from '../../../common/space/space';
import { SessionsRepository } from '../../../common/users/sessions.repository';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { Farewell } from '../../accounts/farewell';
import { isUuid } from '../../http/ids';
import { titleInReadersWords } from '../../../common/pipelines/pipeline-words';

/** What an administrator sees of one person. */
export interface PersonFacts {
  id: string;
  name: string;
  email: string | null;
  isGuest: boolean;
  isAdmin: boolean;
  isConfirmed: boolean;
  /** Name in the external table; null for others. */
  externalName: string | null;
  suspended: { sinceMs: number; why: string } | null;
  /** Days until the account goes for good; null for those who stay. */
  leavingDays: number | null;
  createdMs: number;
  seenMs: number;
  sessions: number;
  projects: number;
  usedBytes: number;
  usedFiles: number;
  /** 0: never. */
  measuredMs: number;
  running: number;
  waiting: number;
  lastRun: { id: number; state: RunState; pipelineTitle: string; atMs: number } | null;
}

/** Finds out about one person. */
@Injectable()
export class PersonPage {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly runs: RunsRepository,
    private readonly space: Space,
    private readonly mirrors: MirrorsRepository,
    private readonly farewell: Farewell,
  ) {}

  /** @throws NotFoundError when there is none of that id. */
  async require(id: string): Promise<User> {
    const person = isUuid(id) ? await this.users.findById(id) : null;
    if (!person) throw new NotFoundError('people.noSuchPerson');
    return person;
  }

  async factsOf(person: User): Promise<PersonFacts> {
    const { id, displayName, email, kind, isAdmin, confirmedMs, suspendedMs, suspendedWhy, leavingMs } = person;
    const [sessions, live, ended, use, mirror] = await Promise.all([
      this.sessions.findLiveOf(id),
      this.runs.liveOfOwner(id),
      this.runs.listFinished({ ownerId: id, limit: 1 }),
      this.space.useOf(person),
      this.mirrors.findByUser(id),
    ]);
    const waiting = live.filter(({ state }) => state === 'queued' || state === 'scheduled').length;
    const last = live.at(-1) ?? ended.runs[0];
    return {
      id,
      name: displayName,
      email,
      isGuest: kind === 'guest',
      isAdmin,
      isConfirmed: confirmedMs !== null,
      externalName: mirror?.name ?? null,
      suspended: suspendedMs === null ? null : { sinceMs: suspendedMs, why: suspendedWhy ?? '' },
      leavingDays: leavingMs === null ? null : this.farewell.daysLeft(leavingMs),
      createdMs: person.createdMs,
      seenMs: person.lastSeenMs,
      sessions: sessions.length,
      projects: use.projects,
      usedBytes: use.used.bytes,
      usedFiles: use.used.files,
      measuredMs: use.measuredMs,
      running: live.length - waiting,
      waiting,
      lastRun: last
        ? { id: last.id, state: last.state, pipelineTitle: titleInReadersWords(last), atMs: last.finishedMs ?? last.requestedMs }
        : null,
    };
  }
}
