import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import { ProjectMembersRepository } from '../../common/members/project-members.repository';
import type { Project } from '../../common/projects/project.entity';
import { SharesRepository } from '../../common/shares/shares.repository';
import { UsersRepository } from '../../common/users/users.repository';
import type { User } from '../../common/users/user.entity';
import { listed } from '../../locales/joined';
import { text } from '../../locales/text';

export interface Audience {
  /** Display name of the owner; null when it is the reader. */
  ownerName: string | null;
  /** Who else may look, told to the owner: "2 people, 1 link"; '' for nobody, and for other readers. */
  sharedWith: string;
}

/** Whose a project is, and who else comes into it. */
@Injectable()
export class ProjectAudience {
  constructor(
    private readonly users: UsersRepository,
    private readonly members: ProjectMembersRepository,
    private readonly shares: SharesRepository,
  ) {}

  async of(project: Project, reader: User): Promise<Audience> {
    if (project.ownerId === reader.id) return { ownerName: null, sharedWith: await this.sharedWith(project.id) };
    const owner = await this.users.findById(project.ownerId);
    if (!owner) throw new NotFoundError('errors.noSuchProject');
    return { ownerName: owner.displayName, sharedWith: '' };
  }

  private async sharedWith(projectId: string): Promise<string> {
    const [members, links] = await Promise.all([this.members.ofProject(projectId), this.shares.ofProject(projectId)]);
    const groups = members.filter(({ kind }) => kind === 'group').length;
    const amounts = [
      ['projects.sharedPeople', members.length - groups],
      ['projects.sharedGroups', groups],
      ['projects.sharedLinks', links.length],
    ] as const;
    return listed(amounts.map(([key, count]) => (count === 0 ? '' : text(key, { count }))));
  }
}
