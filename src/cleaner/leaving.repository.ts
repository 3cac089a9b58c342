import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Not, type Repository } from 'typeorm';
import { repeatWhileBusy } from '../common/database/repeat-while-busy';
import { Project } from '../common/projects/project.entity';
import { Session } from '../common/users/session.entity';
import { User } from '../common/users/user.entity';

/** Numbers in one IN list. */
const MOST_AT_ONCE = 500;
const LEAVING = `leaving_ms < :beforeMs
  AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.owner_id = users.id AND queue.finished_ms IS NULL)`;

/** Accounts whose people asked for their end, and of which nothing waits or runs any more. */
@Injectable()
export class LeavingRepository {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(Project) private readonly projects: Repository<Project>,
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
  ) {}

  /** Those who asked first, first. @param beforeMs by the database's clock. */
  find(beforeMs: number, limit: number): Promise<User[]> {
    return this.users.createQueryBuilder('users').where(LEAVING, { beforeMs }).orderBy('users.leaving_ms').limit(limit).getMany();
  }

  /**
   * Takes the password: from then on nobody can take the end back, or come into an account that is half gone.
   * @returns false when its person took it back in time.
   */
  async lockOut(id: string, beforeMs: number): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() =>
      this.users.createQueryBuilder().update().set({ passwordHash: null }).where(`id = :id AND ${LEAVING}`, { id, beforeMs }).execute(),
    );
    if ((affected ?? 0) === 0) return false;
    await repeatWhileBusy(() => this.sessions.delete({ userId: id }));
    return true;
  }

  projectsOf(ownerId: string): Promise<Project[]> {
    return this.projects.findBy({ ownerId });
  }

  /** Those of the projects that are somebody else's. */
  async ofOthers(projectIds: readonly string[], ownerId: string): Promise<Set<string>> {
    const found = new Set<string>();
    for (let index = 0; index < projectIds.length; index += MOST_AT_ONCE) {
      const where = { id: In(projectIds.slice(index, index + MOST_AT_ONCE)), ownerId: Not(ownerId) };
      for (const { id } of await this.projects.find({ select: { id: true }, where })) found.add(id);
    }
    return found;
  }

  /** The rows of somebody whose files are gone. */
  async forget(id: string): Promise<void> {
    await repeatWhileBusy(() => this.projects.delete({ ownerId: id }));
    await repeatWhileBusy(() => this.users.delete({ id }));
  }
}
