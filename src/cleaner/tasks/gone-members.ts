import { Injectable } from '@nestjs/common';
import { GroupsRepository } from '../../common/groups/groups.repository';
import { ProjectMembersRepository } from '../../common/members/project-members.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Who was in groups and in projects of others, and is gone, or whose group or project is. */
@Injectable()
export class GoneMembers extends Chore {
  readonly name = 'people of groups and projects who are gone';

  constructor(
    private readonly groups: GroupsRepository,
    private readonly projects: ProjectMembersRepository,
  ) {
    super();
  }

  async find(): Promise<Waste[]> {
    return [
      ...rowsWaste('people of groups who are gone', await this.groups.countUseless(), () => this.groups.deleteUseless()),
      ...rowsWaste('people of projects who are gone', await this.projects.countUseless(), () => this.projects.deleteUseless()),
    ];
  }
}
