import { Body, Controller, Get, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError, NotFoundError } from '../../../common/errors';
import type { Group } from '../../../common/groups/group.entity';
import { Groups } from '../../../common/groups/groups';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { Access } from '../../http/access/access.decorator';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { redirect } from '../../http/addresses';
import { flash } from '../../http/flash';
import { asFormErrors, fieldText, showAgain } from '../../http/form';
import { isUuid } from '../../http/ids';
import { GroupsPage, type GroupsView, type GroupView } from './groups-page.service';

/** Groups of people, as administrators make them. */
@Controller('admin/groups')
export class GroupsController {
  constructor(
    private readonly page: GroupsPage,
    private readonly groups: Groups,
    private readonly rows: GroupsRepository,
    private readonly users: UsersRepository,
  ) {}

  @Get()
  @Access('admin')
  @Render('admin/groups')
  index(): Promise<GroupsView> {
    return this.page.all();
  }

  @Post()
  @Audited('group.create')
  @Access('admin')
  async make(@Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const entered = wordsIn(form);
    try {
      const group = await this.groups.make(entered);
      about(request, group);
      flash(request, 'ok', 'groups.made', { name: group.name });
      redirect(response, pathOf(group));
    } catch (error) {
      showAgain(response, 'admin/groups', await this.page.all(entered), asFormErrors(error));
    }
  }

  @Get(':group')
  @Access('admin')
  @Render('admin/group')
  async one(@Param('group') id: string): Promise<GroupView> {
    return this.page.of(await this.find(id));
  }

  @Post(':group')
  @Audited('group.change')
  @Access('admin')
  async change(@Param('group') id: string, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const group = about(request, await this.find(id));
    const entered = wordsIn(form);
    try {
      await this.groups.change(group, entered);
      tellAudit(request, { details: { name: entered.name.trim() } });
      flash(request, 'ok', 'groups.changed', { name: entered.name.trim() });
      redirect(response, pathOf(group));
    } catch (error) {
      showAgain(response, 'admin/group', await this.page.of(group, entered), asFormErrors(error));
    }
  }

  /** By what was typed, or by the button beside somebody who was found. What means nobody in particular is answered with whom it could mean. */
  @Post(':group/members')
  @Audited('group.add-members')
  @Access('admin')
  async add(@Param('group') id: string, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const group = about(request, await this.find(id));
    const who = fieldText(form, 'who');
    try {
      const chosen = await this.chosenIn(form);
      const person = chosen ?? (await this.groups.find(who));
      await this.groups.add(group, [person]);
      tellAudit(request, { details: { person: person.id } });
      flash(request, 'ok', 'groups.added', { name: person.displayName, group: group.name });
      redirect(response, pathOf(group));
    } catch (error) {
      showAgain(response, 'admin/group', await this.page.of(group, { who }), asFormErrors(error));
    }
  }

  @Post(':group/members/remove')
  @Audited('group.remove-member')
  @Access('admin')
  async remove(@Param('group') id: string, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const group = about(request, await this.find(id));
    const person = await this.chosenIn(form);
    if (!person) throw new InvalidInputError('groups.whoMissing');
    const wasIn = await this.groups.remove(group, person);
    tellAudit(request, wasIn ? { details: { person: person.id } } : { isNothing: true });
    const fields: [string, string][] = [['user', person.id]];
    const undo = wasIn ? { path: `${pathOf(group)}/members`, fields } : undefined;
    flash(request, 'ok', 'groups.removed', { name: person.displayName, group: group.name }, undo);
    redirect(response, pathOf(group));
  }

  @Post(':group/delete')
  @Audited('group.delete')
  @Access('admin')
  async delete(@Param('group') id: string, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const group = about(request, await this.find(id));
    const typed = fieldText(form, 'typed');
    try {
      if (typed.normalize('NFC').trim() !== group.name) throw new InvalidInputError('groups.deleteMistyped', { name: group.name }, 'typed');
      await this.groups.delete(group);
      flash(request, 'ok', 'groups.deleted', { name: group.name });
      redirect(response, '/admin/groups');
    } catch (error) {
      showAgain(response, 'admin/group', await this.page.of(group, { typed }), asFormErrors(error));
    }
  }

  private async find(id: string): Promise<Group> {
    const group = isUuid(id) ? await this.rows.findById(id) : null;
    if (!group) throw new NotFoundError('groups.gone');
    return group;
  }

  private async chosenIn(form: unknown): Promise<User | null> {
    const id = fieldText(form, 'user');
    const person = isUuid(id) ? await this.users.findById(id) : null;
    return person?.kind === 'account' ? person : null;
  }
}

/** Names the group in the entry of the audit log. */
function about(request: Request, group: Group): Group {
  tellAudit(request, { object: { kind: 'group', id: group.id, name: group.name } });
  return group;
}

function wordsIn(form: unknown): { name: string; description: string } {
  return { name: fieldText(form, 'name'), description: fieldText(form, 'description') };
}

function pathOf({ id }: Group): string {
  return `/admin/groups/${id}`;
}
