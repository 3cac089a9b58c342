import { Injectable } from '@nestjs/common';
import { Memberships } from '../../common/members/memberships';
import type { ProjectRole } from '../../common/members/project-member.entity';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';

/** A project of somebody else that was shared with the reader by name. */
export interface SharedLine {
  id: string;
  name: string;
  changedMs: number;
  /** Display name. */
  ownerName: string;
  role: ProjectRole;
}

/** The projects of others that are shared with somebody by name. */
@Injectable()
export class SharedProjects {
  constructor(
    private readonly memberships: Memberships,
    private readonly projects: ProjectsRepository,
    private readonly users: UsersRepository,
  ) {}

  /** Last changed first. */
  async of(person: User): Promise<SharedLine[]> {
    const roles = await this.memberships.allOf(person);
    const projects = (await this.projects.findByIds([...roles.keys()])).filter(({ ownerId }) => ownerId !== person.id);
    const owners = new Map((await this.users.findByIds([...new Set(projects.map(({ ownerId }) => ownerId))])).map((one) => [one.id, one]));
    return projects
      .flatMap((project) => lineOf(project, owners.get(project.ownerId), roles.get(project.id)))
      .sort((one, other) => other.changedMs - one.changedMs || one.id.localeCompare(other.id));
  }
}

/** Of an account whose end was asked for nothing is listed. */
function lineOf({ id, name, changedMs }: Project, owner: User | undefined, role: ProjectRole | undefined): SharedLine[] {
  return owner && role && owner.leavingMs === null ? [{ id, name, changedMs, ownerName: owner.displayName, role }] : [];
}
