import { Injectable } from '@nestjs/common';
import type { Project } from '../projects/project.entity';
import type { User } from '../users/user.entity';
import { Askers, type Asker } from './asker';
import type { ProjectMember, ProjectRole } from './project-member.entity';
import { ProjectMembersRepository } from './project-members.repository';

type Shared = Pick<Project, 'id' | 'ownerId'>;

/** What somebody may do in projects of others that were shared with them by name. Guests are in none. */
@Injectable()
export class Memberships {
  constructor(
    private readonly rows: ProjectMembersRepository,
    private readonly askers: Askers,
  ) {}

  /** Null for whoever is no member, the owner included. */
  async roleOf(person: User | null | undefined, project: Shared | null | undefined): Promise<ProjectRole | null> {
    return project ? ((await this.rolesAmong(person, [project])).get(project.id) ?? null) : null;
  }

  /** By id of the project; those that are not shared with the person are missing. */
  async rolesAmong(person: User | null | undefined, projects: Iterable<Shared>): Promise<Map<string, ProjectRole>> {
    if (person?.kind !== 'account') return new Map();
    const ids = [...projects].filter(({ ownerId }) => ownerId !== person.id).map(({ id }) => id);
    if (ids.length === 0) return new Map();
    const asker = await this.askers.of(person);
    return this.rolesIn(asker, await this.rows.rowsAmong(asker, [...new Set(ids)]));
  }

  /** All projects that are shared with somebody, by their ids. */
  async allOf(person: User): Promise<Map<string, ProjectRole>> {
    if (person.kind !== 'account') return new Map();
    const asker = await this.askers.of(person);
    return this.rolesIn(asker, await this.rows.rowsOf(asker));
  }

  /** As whom somebody is in projects of others, when the rows of their address have become theirs; null for whoever is in none. */
  async claimed(person: User): Promise<Asker | null> {
    if (person.kind !== 'account') return null;
    const asker = await this.askers.of(person);
    await this.rows.claimAll(asker);
    return asker;
  }

  /** The most that any of the rows gives; rows of an address are theirs from now on. */
  private async rolesIn(asker: Asker, rows: readonly ProjectMember[]): Promise<Map<string, ProjectRole>> {
    if (rows.some(({ kind }) => kind === 'address')) await this.rows.claimAll(asker);
    const roles = new Map<string, ProjectRole>();
    for (const { projectId, role } of rows) if (roles.get(projectId) !== 'run') roles.set(projectId, role);
    return roles;
  }
}
