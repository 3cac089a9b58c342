import { Controller, Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import type { Group } from '../../../common/groups/group.entity';
import { Groups } from '../../../common/groups/groups';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import { UsersRepository } from '../../../common/users/users.repository';
import { Access } from '../../http/access/access.decorator';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { groupJson, groupSchema, requireGroup, type GroupJson } from './group-json';
import { memberSchema, requirePerson } from './person-json';

const listedSchema = z.object({ ...groupSchema.shape, people: says(z.int(), 'apiAdmin.groupPeople') }).meta({ id: 'ListedGroup' });
const listSchema = z.object({ items: z.array(listedSchema), next: z.null() });
const detailsSchema = z
  .object({ ...groupSchema.shape, members: says(z.array(memberSchema), 'apiAdmin.groupMembers') })
  .meta({ id: 'GroupDetails' });

const groupOrder = z.strictObject({
  name: says(z.string().max(300), 'apiAdmin.groupName'),
  description: says(z.string().max(3000).default(''), 'apiAdmin.groupDescription'),
});
const groupChange = z.strictObject({
  name: says(z.string().max(300).optional(), 'apiAdmin.groupName'),
  description: says(z.string().max(3000).optional(), 'apiAdmin.groupDescription'),
});
const membersOrder = z.strictObject({ who: says(z.array(z.string().max(254)).min(1).max(500), 'apiAdmin.groupWho') });

type GroupDetails = z.infer<typeof detailsSchema>;

/** Groups of people, for programs of administrators. */
@Controller(`${API_ROOT}/admin/groups`)
export class ApiGroupsController {
  constructor(
    private readonly groups: Groups,
    private readonly rows: GroupsRepository,
    private readonly users: UsersRepository,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.listGroups', scope: 'admin', answer: listSchema })
  @Access('admin')
  async list(): Promise<z.infer<typeof listSchema>> {
    const counts = await this.rows.countMembers();
    const groups = await this.rows.all();
    return { items: groups.map((group) => ({ ...groupJson(group), people: counts.get(group.id) ?? 0 })), next: null };
  }

  @Post()
  @Api({
    area: 'administration',
    summary: 'apiAdmin.makeGroup',
    scope: 'admin',
    body: groupOrder,
    answer: groupSchema,
    status: 201,
    example: { body: { name: 'Imaging', description: 'Everybody at the microscopes' } },
  })
  @Audited('group.create')
  @Access('admin')
  async make(@ApiBody() order: z.infer<typeof groupOrder>, @Req() request: Request): Promise<GroupJson> {
    const group = await this.groups.make(order);
    about(request, group);
    return groupJson(group);
  }

  @Get(':group')
  @Api({ area: 'administration', summary: 'apiAdmin.showGroup', scope: 'admin', answer: detailsSchema })
  @Access('admin')
  async show(@Param('group') id: string): Promise<GroupDetails> {
    return this.details(await requireGroup(this.rows, id));
  }

  @Patch(':group')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.changeGroup',
    scope: 'admin',
    body: groupChange,
    answer: groupSchema,
    example: { body: { name: 'Imaging, second floor' } },
  })
  @Audited('group.change')
  @Access('admin')
  async change(@Param('group') id: string, @ApiBody() change: z.infer<typeof groupChange>, @Req() request: Request): Promise<GroupJson> {
    const group = about(request, await requireGroup(this.rows, id));
    const { name = group.name, description = group.description } = change;
    await this.groups.change(group, { name, description });
    tellAudit(request, { details: { name: name.trim() } });
    return groupJson(await requireGroup(this.rows, id));
  }

  @Delete(':group')
  @Api({ area: 'administration', summary: 'apiAdmin.deleteGroup', scope: 'admin', answer: null })
  @Audited('group.delete')
  @Access('admin')
  async delete(@Param('group') id: string, @Req() request: Request): Promise<void> {
    await this.groups.delete(about(request, await requireGroup(this.rows, id)));
  }

  @Post(':group/members')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.addMembers',
    scope: 'admin',
    body: membersOrder,
    answer: detailsSchema,
    example: { body: { who: ['ana@lab.example.org'] } },
  })
  @Audited('group.add-members')
  @Access('admin')
  async add(@Param('group') id: string, @ApiBody() { who }: z.infer<typeof membersOrder>, @Req() request: Request): Promise<GroupDetails> {
    const group = about(request, await requireGroup(this.rows, id));
    const people = await this.groups.findAll(who);
    await this.groups.add(group, people);
    tellAudit(request, { details: { people: people.map((person) => person.id).join(', ') } });
    return this.details(group);
  }

  @Delete(':group/members/:person')
  @Api({ area: 'administration', summary: 'apiAdmin.removeMember', scope: 'admin', answer: null })
  @Audited('group.remove-member')
  @Access('admin')
  async remove(@Param('group') id: string, @Param('person') personId: string, @Req() request: Request): Promise<void> {
    const group = about(request, await requireGroup(this.rows, id));
    const person = await requirePerson(this.users, personId);
    tellAudit(request, { details: { person: person.id } });
    if (!(await this.groups.remove(group, person))) throw new NotFoundError('apiAdmin.notInGroup', { name: group.name });
  }

  private async details(group: Group): Promise<GroupDetails> {
    const people = await this.groups.membersOf(group);
    return { ...groupJson(group), members: people.map(({ id, displayName, email }) => ({ id, displayName, email })) };
  }
}

/** Names the group in the entry of the audit log. */
function about(request: Request, group: Group): Group {
  tellAudit(request, { object: { kind: 'group', id: group.id, name: group.name } });
  return group;
}
