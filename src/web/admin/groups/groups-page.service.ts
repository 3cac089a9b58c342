import { Injectable } from '@nestjs/common';
import type { Group } from '../../../common/groups/group.entity';
import { Groups } from '../../../common/groups/groups';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { text } from '../../../locales/text';

/** Somebody as these pages show them. */
interface PersonLine {
  id: string;
  name: string;
  /** '' for people of an external table without one. */
  email: string;
}

/** What `views/admin/groups.hbs` shows. */
export interface GroupsView {
  title: string;
  groups: { id: string; name: string; description: string; source: string; people: number }[];
  /** What was entered. */
  name: string;
  description: string;
}

/** What `views/admin/group.hbs` shows. */
export interface GroupView {
  title: string;
  group: { id: string; name: string; description: string; source: string };
  isLocal: boolean;
  people: PersonLine[];
  /** What was entered. */
  name: string;
  description: string;
  who: string;
  typed: string;
  /** Accounts that could be meant with it. */
  found: PersonLine[];
  moreFound: boolean;
}

export interface GroupEntered {
  name?: string;
  description?: string;
  who?: string;
  typed?: string;
}

const MOST_FOUND = 20;

/** The groups, and one of them with its people. */
@Injectable()
export class GroupsPage {
  constructor(
    private readonly groups: Groups,
    private readonly rows: GroupsRepository,
    private readonly users: UsersRepository,
  ) {}

  async all({ name = '', description = '' }: GroupEntered = {}): Promise<GroupsView> {
    const counts = await this.rows.countMembers();
    const groups = (await this.rows.all()).map(({ id, name: called, description: about, source }) => {
      return { id, name: called, description: about, source, people: counts.get(id) ?? 0 };
    });
    return { title: text('groups.title'), groups, name, description };
  }

  async of(group: Group, entered: GroupEntered = {}): Promise<GroupView> {
    const { id, name, description, source } = group;
    const who = entered.who ?? '';
    const people = await this.groups.membersOf(group);
    const inside = new Set(people.map((person) => person.id));
    const found =
      who.trim() === '' ? [] : (await this.users.searchAccounts(who, MOST_FOUND + inside.size + 1)).filter((one) => !inside.has(one.id));
    return {
      title: name,
      group: { id, name, description, source },
      isLocal: source === 'local',
      people: people.map(personLine),
      name: entered.name ?? name,
      description: entered.description ?? description,
      who,
      typed: entered.typed ?? '',
      found: found.slice(0, MOST_FOUND).map(personLine),
      moreFound: found.length > MOST_FOUND,
    };
  }
}

function personLine({ id, displayName, email }: User): PersonLine {
  return { id, name: displayName, email: email ?? '' };
}
