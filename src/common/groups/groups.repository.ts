import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { insertUnlessTaken, unlessTaken } from '../database/taken';
import { Group, GroupMember, type GroupSource } from './group.entity';
import { groupKey } from './group-name';

const USELESS = `NOT EXISTS (SELECT 1 FROM users u WHERE u.id = group_members.user_id)
  OR NOT EXISTS (SELECT 1 FROM \`groups\` g WHERE g.id = group_members.group_id)`;

/** The rows of groups and of who is in them. */
@Injectable()
export class GroupsRepository {
  private readonly now: string;

  constructor(
    @InjectRepository(Group) private readonly groups: Repository<Group>,
    @InjectRepository(GroupMember) private readonly members: Repository<GroupMember>,
  ) {
    this.now = NOW_MS[dialectOf(groups.manager.connection.options)];
  }

  /** By name. */
  all(): Promise<Group[]> {
    return this.groups.find({ order: { nameKey: 'ASC' } });
  }

  /** By name. */
  ofSource(source: GroupSource): Promise<Group[]> {
    return this.groups.find({ where: { source }, order: { nameKey: 'ASC' } });
  }

  async setSource(id: string, source: GroupSource): Promise<void> {
    await repeatWhileBusy(() => this.groups.update({ id }, { source }));
  }

  findById(id: string): Promise<Group | null> {
    return this.groups.findOneBy({ id });
  }

  findByIds(ids: readonly string[]): Promise<Group[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.groups.find({ where: { id: In([...ids]) }, order: { nameKey: 'ASC' } });
  }

  /** @param name in letters of any size. */
  findByName(name: string): Promise<Group | null> {
    return this.groups.findOneBy({ nameKey: groupKey(name) });
  }

  /** @returns false when another group has the name: the unique index decides. */
  add({ id, name, description, source }: Omit<Group, 'createdMs' | 'nameKey'>): Promise<boolean> {
    return insertUnlessTaken(this.groups, { id, name, nameKey: groupKey(name), description, source, createdMs: () => this.now });
  }

  /** @returns false when another group has the name. */
  change(id: string, { name, description }: Pick<Group, 'name' | 'description'>): Promise<boolean> {
    return unlessTaken(() => this.groups.update({ id }, { name, nameKey: groupKey(name), description }));
  }

  /** With its row ends what it gives, whoever still stands in it: see `groupIdsOf`. */
  async delete(id: string): Promise<void> {
    await repeatWhileBusy(() => this.groups.delete({ id }));
    await repeatWhileBusy(() => this.members.delete({ groupId: id }));
  }

  /** Longest in it first. */
  membersOf(groupId: string): Promise<GroupMember[]> {
    return this.members.find({ where: { groupId }, order: { addedMs: 'ASC', userId: 'ASC' } });
  }

  /** How many accounts are in each group that has any, by its id. */
  async countMembers(): Promise<Map<string, number>> {
    const rows = await this.members
      .createQueryBuilder('member')
      .select('member.groupId', 'groupId')
      .addSelect('COUNT(*)', 'count')
      .groupBy('member.groupId')
      .getRawMany<{ groupId: string; count: number | string }>();
    return new Map(rows.map(({ groupId, count }) => [groupId, Number(count)]));
  }

  /** Ids of the groups that somebody is in; none that was deleted, though a process that was killed may have left its members. */
  async groupIdsOf(userId: string): Promise<string[]> {
    const rows = await this.members
      .createQueryBuilder('member')
      .innerJoin(Group, 'group', 'group.id = member.groupId')
      .where('member.userId = :userId', { userId })
      .getMany();
    return rows.map(({ groupId }) => groupId);
  }

  /** The groups that somebody is in, by name. */
  async groupsOf(userId: string): Promise<Group[]> {
    return this.findByIds(await this.groupIdsOf(userId));
  }

  /** Harmless for somebody who is in it. */
  async addMember(groupId: string, userId: string): Promise<void> {
    const values = { groupId, userId, addedMs: () => this.now };
    await repeatWhileBusy(() =>
      this.members
        .createQueryBuilder()
        .insert()
        .orIgnore()
        .values(values as object)
        .execute(),
    );
  }

  /** @returns whether they were in it. */
  async removeMember(groupId: string, userId: string): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.members.delete({ groupId, userId }));
    return (affected ?? 0) > 0;
  }

  /** Rows of accounts and groups that are gone. */
  async countUseless(): Promise<number> {
    const [row] = await this.members.query<{ count: number | string }[]>(`SELECT COUNT(*) AS count FROM group_members WHERE ${USELESS}`);
    return Number(row?.count ?? 0);
  }

  async deleteUseless(): Promise<void> {
    await repeatWhileBusy(() => this.members.query(`DELETE FROM group_members WHERE ${USELESS}`));
  }
}
