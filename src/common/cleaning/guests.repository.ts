import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Project } from '../projects/project.entity';
import { Session } from '../users/session.entity';
import { User } from '../users/user.entity';

const EXPIRED = `kind = 'guest' AND last_seen_ms < :beforeMs
  AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.owner_id = users.id AND queue.finished_ms IS NULL)`;

/** Guests who have not been here for long and have nothing that waits or runs. */
@Injectable()
export class GuestsRepository {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(Project) private readonly projects: Repository<Project>,
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
  ) {}

  /** Longest away first. @param beforeMs by the database's clock. */
  findExpired(beforeMs: number, limit: number): Promise<User[]> {
    return this.users.createQueryBuilder('users').where(EXPIRED, { beforeMs }).orderBy('users.last_seen_ms').limit(limit).getMany();
  }

  /**
   * Takes the key from a guest who is still expired: from then on the browser's cookie opens nothing, and nobody can come back into a
   * space that is half gone.
   * @returns false when the guest came back, or signed up, in time.
   */
  async lockOut(id: string, beforeMs: number): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() =>
      this.users.createQueryBuilder().update().set({ guestKeyHash: null }).where(`id = :id AND ${EXPIRED}`, { id, beforeMs }).execute(),
    );
    if ((affected ?? 0) === 0) return false;
    await repeatWhileBusy(() => this.sessions.delete({ userId: id }));
    return true;
  }

  /** The rows of a guest whose files are gone. */
  async forget(id: string): Promise<void> {
    await repeatWhileBusy(() => this.projects.delete({ ownerId: id }));
    await repeatWhileBusy(() => this.users.delete({ id, kind: 'guest' }));
  }
}
