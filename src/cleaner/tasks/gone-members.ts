import { Injectable } from '@nestjs/common';
import { GroupsRepository } from '../../common/groups/groups.repository';
import { ProjectMembersRepository } from '../../common/members/project-members.repository';
import { QuotasRepository } from '../../common/quotas/quotas.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Who was in groups and in projects of others, and is gone, or whose group or project is; and the limits that people and groups had. */
@Injectable()
export class GoneMembers extends Chore {
  readonly name = 'people of groups and projects who are gone';

  constructor(
    private readonly groups: GroupsRepository,
    private readonly projects: ProjectMembersRepository,
    private readonly quotas: QuotasRepository,
  ) {
    super();
  }

  async find(): Promise<Waste[]> {
    return [
      ...rowsWaste('people of groups who are gone', await this.groups.countUseless(), () => this.groups.deleteUseless()),
      ...rowsWaste('people of projects who are gone', await this.projects.countUseless(), () => this.projects.deleteUseless()),
      ...rowsWaste('limits of people and groups who are gone', await this.quotas.countUseless(), () => this.quotas.deleteUseless()),
    ];
  }
}
