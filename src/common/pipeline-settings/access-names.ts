import { Injectable } from '@nestjs/common';
import { GroupsRepository } from '../groups/groups.repository';
import type { OpenTo } from '../pipelines/access';
import { UsersRepository } from '../users/users.repository';
import type { StoredAccess } from './stored-access';

/** Who may run a pipeline, in names for people. */
export type NamedAccess = OpenTo | { groups: string[]; people: string[] };

/** Names of the groups and people of a setting. */
@Injectable()
export class AccessNames {
  constructor(
    private readonly groups: GroupsRepository,
    private readonly users: UsersRepository,
  ) {}

  /** Without those who are gone. */
  async of(access: StoredAccess): Promise<NamedAccess> {
    if (typeof access === 'string') return access;
    const [groups, people] = await Promise.all([this.groups.findByIds(access.groups), this.users.findByIds(access.people)]);
    return { groups: groups.map(({ name }) => name), people: people.map(({ email, displayName }) => email ?? displayName).sort() };
  }
}
