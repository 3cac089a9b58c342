import { Controller, Post } from '@nestjs/common';
import { z } from 'zod';
import { Askers } from '../../../common/members/asker';
import { ProjectMembersRepository } from '../../../common/members/project-members.repository';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { API_ROOT } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { says } from '../contract/words';

const leftSchema = z
  .object({
    hasLeft: says(z.boolean(), 'apiWork.hasLeft'),
    isStillIn: says(z.boolean(), 'apiWork.isStillIn'),
  })
  .meta({ id: 'Left' });

/** Leaving a project that somebody else shares: what a group lets its members do, they cannot leave alone. */
@Controller(`${API_ROOT}/projects/:project/leave`)
export class ApiLeaveController {
  constructor(
    private readonly rows: ProjectMembersRepository,
    private readonly askers: Askers,
  ) {}

  @Post()
  @Api({ area: 'projects', summary: 'apiWork.leaveProject', scope: 'share', answer: leftSchema })
  @Audited('share.leave')
  @Access('projectMember')
  async leave(@CurrentPerson() person: User, @CurrentProject() project: Project): Promise<z.infer<typeof leftSchema>> {
    const asker = await this.askers.of(person);
    const hasLeft = await this.rows.leave(project.id, asker);
    return { hasLeft, isStillIn: (await this.rows.rowsAmong(asker, [project.id])).length > 0 };
  }
}
