import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ProjectContents } from '../../../common/files/project-contents';
import { Memberships } from '../../../common/members/memberships';
import type { ProjectRole } from '../../../common/members/project-member.entity';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { says } from '../contract/words';

const time = z.iso.datetime();

export const projectSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    owner: says(z.string(), 'apiFiles.projectOwner'),
    role: says(z.enum(['owner', 'run', 'read', 'administrator']), 'apiFiles.projectRole'),
    createdAt: time,
    changedAt: says(time, 'apiFiles.projectChanged'),
  })
  .meta({ id: 'Project' });

export const wholeProjectSchema = z
  .object({
    ...projectSchema.shape,
    files: says(z.number().nullable(), 'apiFiles.projectFiles'),
    bytes: says(z.number().nullable(), 'apiFiles.projectBytes'),
  })
  .meta({ id: 'WholeProject' });

export type ProjectJson = z.infer<typeof projectSchema>;
export type WholeProjectJson = z.infer<typeof wholeProjectSchema>;

/** Writes projects down for programs. */
@Injectable()
export class ProjectJsons {
  constructor(
    private readonly users: UsersRepository,
    private readonly memberships: Memberships,
    private readonly contents: ProjectContents,
  ) {}

  async whole(person: User, project: Project): Promise<WholeProjectJson> {
    const role = await this.memberships.roleOf(person, project);
    const [summary, amount] = [await this.summary(person, project, role), await this.contents.amountOf(project)];
    return { ...summary, files: amount?.files ?? null, bytes: amount?.bytes ?? null };
  }

  /** @param role null for the owner, and for administrators. */
  async summary(person: User, project: Project, role: ProjectRole | null): Promise<ProjectJson> {
    const isOwn = project.ownerId === person.id;
    const owner = isOwn ? person : await this.users.findById(project.ownerId);
    return projectJson(project, owner?.displayName ?? '', isOwn ? 'owner' : (role ?? 'administrator'));
  }
}

/** @param owner display name. */
export function projectJson({ id, name, createdMs, changedMs }: Project, owner: string, role: ProjectJson['role']): ProjectJson {
  return { id, name, owner, role, createdAt: new Date(createdMs).toISOString(), changedAt: new Date(changedMs).toISOString() };
}
