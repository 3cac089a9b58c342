import { Injectable } from '@nestjs/common';
import type { ProjectRole } from '../../common/members/project-member.entity';
import { Memberships } from '../../common/members/memberships';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Policy } from '../http/access/policy';

/** What the page of a project offers to somebody. */
export interface AccessToProject {
  canChange: boolean;
  canAdd: boolean;
  role: ProjectRole | null;
}

/** Asks what somebody may do in a project, for its page. */
@Injectable()
export class ProjectAccess {
  constructor(
    private readonly policy: Policy,
    private readonly memberships: Memberships,
  ) {}

  async of(project: Project, person: User): Promise<AccessToProject> {
    const role = await this.memberships.roleOf(person, project);
    const may = (rule: 'projectOwner' | 'projectRunner') => this.policy.allows(rule, { person, project, role });
    return { canChange: may('projectOwner'), canAdd: may('projectRunner'), role };
  }
}
