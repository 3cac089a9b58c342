import { Injectable } from '@nestjs/common';
import { Groups } from '../common/groups/groups';
import { GroupsRepository } from '../common/groups/groups.repository';
import type { Group } from '../common/groups/group.entity';
import type { User } from '../common/users/user.entity';

/** What an administrator does to groups from the shell. Each command returns the text to print. */
@Injectable()
export class GroupCommands {
  constructor(
    private readonly groups: Groups,
    private readonly rows: GroupsRepository,
  ) {}

  /** Each group with its people. */
  async list(): Promise<string> {
    const groups = await this.rows.all();
    if (groups.length === 0) return 'There are no groups. "node dist/admin group-add <group> <email…>" makes one.';
    const parts: string[] = [];
    for (const group of groups) {
      const people = await this.groups.membersOf(group);
      const about = group.description === '' ? '' : `  (${group.description})`;
      parts.push([`${group.name}${about}`, ...(people.length > 0 ? people.map((one) => `  ${called(one)}`) : ['  nobody'])].join('\n'));
    }
    return parts.join('\n');
  }

  /** Makes the group where there is none. @throws InvalidInputError when somebody is unknown; then nothing is changed. */
  async add(name: string, who: readonly string[]): Promise<string> {
    const people = await this.groups.findAll(who);
    const known = await this.rows.findByName(name);
    const group = known ?? (await this.groups.make({ name, description: '' }));
    await this.groups.add(group, people);
    return [...(known ? [] : [`There is a group ${group.name} now.`]), ...(people.length > 0 ? [isIn(people, group)] : [])].join('\n');
  }

  /** @throws NotFoundError for no such group, InvalidInputError when somebody is unknown. */
  async remove(name: string, who: readonly string[]): Promise<string> {
    const group = await this.groups.require(name);
    const people = await this.groups.findAll(who);
    const lines: string[] = [];
    for (const person of people) {
      const wasIn = await this.groups.remove(group, person);
      lines.push(`${called(person)} ${wasIn ? 'is not in' : 'was not in'} ${group.name}${wasIn ? ' any more' : ''}.`);
    }
    return lines.join('\n');
  }

  /** @throws NotFoundError for no such group. */
  async delete(name: string): Promise<string> {
    const group = await this.groups.require(name);
    await this.groups.delete(group);
    return `The group ${group.name} is deleted. What named it names nobody by it any more.`;
  }
}

function isIn(people: readonly User[], { name }: Group): string {
  return `${people.map(called).join(', ')} ${people.length === 1 ? 'is' : 'are'} in ${name}.`;
}

function called({ email, displayName }: User): string {
  return email ?? displayName;
}
