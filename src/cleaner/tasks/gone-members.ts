import { Injectable } from '@nestjs/common';
import { GroupsRepository } from '../../common/groups/groups.repository';
import { Chore, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Who was in groups, and is gone, or whose group is. */
@Injectable()
export class GoneMembers extends Chore {
  readonly name = 'people of groups who are gone';

  constructor(private readonly groups: GroupsRepository) {
    super();
  }

  async find(): Promise<Waste[]> {
    return rowsWaste('people of groups who are gone', await this.groups.countUseless(), () => this.groups.deleteUseless());
  }
}
