import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Not, type Repository } from 'typeorm';
import { ApiToken } from '../api-tokens/api-token.entity';
import { AccountLink } from '../account-links/account-link.entity';
import { dialectOf, NOW_MS } from '../database/dialect';
import { inParts } from '../database/in-parts';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { ExternalUser } from '../external-users/external-user.entity';
import { Identity } from '../identities/identity.entity';
import { Mail } from '../mail/mail.entity';
import { Project } from '../projects/project.entity';
import { Session } from '../users/session.entity';
import { User } from '../users/user.entity';

const LEAVING = `(leaving_ms < :beforeMs OR removing_ms IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.owner_id = users.id AND queue.finished_ms IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM queue JOIN projects ON projects.id = queue.project_id WHERE projects.owner_id = users.id AND queue.finished_ms IS NULL)`;

/** Accounts whose people asked for their end, and of which nothing waits or runs any more. */
@Injectable()
export class LeavingRepository {
  private readonly now: string;

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(Project) private readonly projects: Repository<Project>,
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectRepository(AccountLink) private readonly links: Repository<AccountLink>,
    @InjectRepository(Mail) private readonly mails: Repository<Mail>,
    @InjectRepository(ExternalUser) private readonly mirrors: Repository<ExternalUser>,
  ) {
    this.now = NOW_MS[dialectOf(users.manager.connection.options)];
  }

  /** Those who asked first, first. @param beforeMs by the database's clock. */
  find(beforeMs: number, limit: number): Promise<User[]> {
    return this.users.createQueryBuilder('users').where(LEAVING, { beforeMs }).orderBy('users.leaving_ms').limit(limit).getMany();
  }

  /**
   * Marks the account and takes its password: from then on nobody can take the end back, or come into what is half gone.
   * @returns false when its person took it back in time.
   */
  async lockOut(id: string, beforeMs: number): Promise<boolean> {
    const update = this.users
      .createQueryBuilder()
      .update()
      .set({ passwordHash: null, removingMs: () => `COALESCE(removing_ms, ${this.now})` })
      .where(`id = :id AND ${LEAVING}`, { id, beforeMs });
    const { affected } = await repeatWhileBusy(() => update.execute());
    if ((affected ?? 0) === 0) return false;
    await repeatWhileBusy(() => this.sessions.delete({ userId: id }));
    return true;
  }

  projectsOf(ownerId: string): Promise<Project[]> {
    return this.projects.findBy({ ownerId });
  }

  /** Those of the projects that are somebody else's. */
  async ofOthers(projectIds: readonly string[], ownerId: string): Promise<Set<string>> {
    const found = await inParts(projectIds, (part) =>
      this.projects.find({ select: { id: true }, where: { id: In(part), ownerId: Not(ownerId) } }),
    );
    return new Set(found.map(({ id }) => id));
  }

  /** The rows of somebody whose files are gone, and whatever else knows their name or address; their own row last, by which it is found. */
  async forget({ id, email }: Pick<User, 'id' | 'email'>): Promise<void> {
    await repeatWhileBusy(() => this.projects.delete({ ownerId: id }));
    await repeatWhileBusy(() => this.links.delete({ userId: id }));
    await repeatWhileBusy(() => this.users.manager.delete(ApiToken, { userId: id }));
    if (email !== null) {
      // Invitations belong to an address.
      await repeatWhileBusy(() => this.links.delete({ email }));
      await repeatWhileBusy(() => this.mails.delete({ recipient: email }));
    }
    await repeatWhileBusy(() => this.mirrors.delete({ userId: id }));
    await repeatWhileBusy(() => this.users.manager.delete(Identity, { userId: id }));
    await repeatWhileBusy(() => this.users.delete({ id }));
  }
}
