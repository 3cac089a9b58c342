import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../errors';
import { MirrorsRepository } from '../external-users/mirrors.repository';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import type { Group } from './group.entity';
import { checkDescription, checkGroupName } from './group-name';
import { GroupsRepository } from './groups.repository';

export interface GroupWords {
  name: string;
  description: string;
}

/** What is done to groups, by pages and commands alike. */
@Injectable()
export class Groups {
  constructor(
    private readonly groups: GroupsRepository,
    private readonly users: UsersRepository,
    private readonly mirrors: MirrorsRepository,
  ) {}

  /** @throws InvalidInputError for the fields `name` and `description`. */
  async make({ name: given, description: words }: GroupWords): Promise<Group> {
    const [name, description] = [checkGroupName(given), checkDescription(words)];
    const id = randomUUID();
    if (!(await this.groups.add({ id, name, description, source: 'local' })))
      throw new InvalidInputError('groups.nameTaken', { name }, 'name');
    return (await this.groups.findById(id))!;
  }

  /** @throws as `make`. */
  async change(group: Group, { name: given, description: words }: GroupWords): Promise<void> {
    requireLocal(group);
    const [name, description] = [checkGroupName(given), checkDescription(words)];
    if (!(await this.groups.change(group.id, { name, description }))) throw new InvalidInputError('groups.nameTaken', { name }, 'name');
  }

  async delete(group: Group): Promise<void> {
    requireLocal(group);
    await this.groups.delete(group.id);
  }

  /** @throws NotFoundError when there is none of that name. */
  async require(name: string): Promise<Group> {
    const group = await this.groups.findByName(name);
    if (!group) throw new NotFoundError('groups.noSuchGroup', { name: name.slice(0, 100) });
    return group;
  }

  /** Harmless for people who are in it. */
  async add(group: Group, people: readonly Pick<User, 'id'>[]): Promise<void> {
    requireLocal(group);
    for (const { id } of people) await this.groups.addMember(group.id, id);
  }

  /** As `find`, for several. @throws InvalidInputError for the first that means nobody. */
  async findAll(who: readonly string[]): Promise<User[]> {
    const people: User[] = [];
    for (const one of who) people.push(await this.find(one));
    return people;
  }

  /** @returns whether they were in it. */
  async remove(group: Group, { id }: Pick<User, 'id'>): Promise<boolean> {
    requireLocal(group);
    return this.groups.removeMember(group.id, id);
  }

  /** People of a group, by name. */
  async membersOf({ id }: Pick<Group, 'id'>): Promise<User[]> {
    const rows = await this.groups.membersOf(id);
    const people = await this.users.findByIds(rows.map(({ userId }) => userId));
    return people.sort((one, other) => one.displayName.localeCompare(other.displayName, 'en') || one.id.localeCompare(other.id));
  }

  /**
   * The account that is meant: by its address, by the name that an external table has, or by a display name that one account alone has.
   * @throws InvalidInputError for the field `who`.
   */
  async find(who: string): Promise<User> {
    const words = who.trim();
    if (words === '') throw new InvalidInputError('groups.whoMissing', {}, 'who');
    const known = (await this.users.findByEmail(words)) ?? (await this.ofTable(words));
    if (known?.kind === 'account') return known;
    const named = words.includes('@') ? [] : await this.users.findAccountsByName(words);
    if (named.length > 1) throw new InvalidInputError('groups.whoSeveral', { who: words.slice(0, 100), count: named.length }, 'who');
    const [only] = named;
    if (!only) throw new InvalidInputError('groups.whoUnknown', { who: words.slice(0, 100) }, 'who');
    return only;
  }

  private async ofTable(name: string): Promise<User | null> {
    const mirror = await this.mirrors.findByName(name);
    return mirror && this.users.findById(mirror.userId);
  }
}

/** What another system says of who belongs together is changed there. */
function requireLocal({ source, name }: Group): void {
  if (source !== 'local') throw new ConflictError('groups.notLocal', { name });
}
