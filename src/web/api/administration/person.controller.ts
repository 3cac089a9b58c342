import { Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { ConflictError } from '../../../common/errors';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import { SessionsRepository } from '../../../common/users/sessions.repository';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { Farewell } from '../../accounts/farewell';
import { PersonChanges } from '../../admin/people/person-changes';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { says } from '../contract/words';
import { personJson, personSchema, requirePerson, type PersonJson } from './person-json';

const detailsSchema = z
  .object({
    ...personSchema.shape,
    groups: says(z.array(z.object({ id: z.string(), name: z.string() })), 'apiAdmin.personGroups'),
  })
  .meta({ id: 'PersonDetails' });
const linkSchema = z.object({ link: says(z.string().nullable(), 'apiAdmin.resetLink') });
const endedSchema = z.object({ sessions: says(z.int(), 'apiAdmin.endedSessions') });

/** One person, and what is done for their account beside their standing; for programs of administrators. */
@Controller(`${API_ROOT}/admin/people/:person`)
export class ApiPersonController {
  constructor(
    private readonly users: UsersRepository,
    private readonly groups: GroupsRepository,
    private readonly changes: PersonChanges,
    private readonly sessions: SessionsRepository,
    private readonly farewell: Farewell,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.showPerson', scope: 'admin', answer: detailsSchema })
  @Access('admin')
  async show(@Param('person') id: string): Promise<z.infer<typeof detailsSchema>> {
    const person = await requirePerson(this.users, id);
    const groups = await this.groups.groupsOf(person.id);
    return { ...personJson(person), groups: groups.map(({ id: groupId, name }) => ({ id: groupId, name })) };
  }

  @Post('confirm')
  @Api({ area: 'administration', summary: 'apiAdmin.confirmPerson', scope: 'admin', answer: personSchema })
  @Audited('person.confirm-address')
  @Access('admin')
  async confirm(@Param('person') id: string, @Req() request: Request): Promise<PersonJson> {
    const person = await this.about(id, request);
    await this.changes.confirm(person);
    return personJson(await requirePerson(this.users, id));
  }

  @Post('reset-link')
  @Api({ area: 'administration', summary: 'apiAdmin.makeResetLink', scope: 'admin', answer: linkSchema })
  @Audited('person.reset-link')
  @Access('admin')
  async resetLink(@Param('person') id: string, @Req() request: Request): Promise<z.infer<typeof linkSchema>> {
    const person = await this.about(id, request);
    return { link: await this.changes.resetLink(person) };
  }

  @Post('end-sessions')
  @Api({ area: 'administration', summary: 'apiAdmin.endSessions', scope: 'admin', answer: endedSchema })
  @Audited('person.end-sessions')
  @Access('admin')
  async endSessions(
    @CurrentPerson() asker: User,
    @Param('person') id: string,
    @Req() request: Request,
  ): Promise<z.infer<typeof endedSchema>> {
    const person = await this.aboutOther(id, asker, request);
    const sessions = await this.sessions.endAllOf(person.id);
    tellAudit(request, { details: { sessions } });
    return { sessions };
  }

  @Post('keep')
  @Api({ area: 'administration', summary: 'apiAdmin.keepPerson', scope: 'admin', answer: personSchema })
  @Audited('person.keep')
  @Access('admin')
  async keep(@Param('person') id: string, @Req() request: Request): Promise<PersonJson> {
    const person = await this.about(id, request);
    await this.changes.keep(person);
    return personJson(await requirePerson(this.users, id));
  }

  /** As if the person had asked for it: `keep` takes it back for some days. */
  @Delete()
  @Api({ area: 'administration', summary: 'apiAdmin.deletePerson', scope: 'admin', answer: null })
  @Audited('person.delete')
  @Access('admin')
  async delete(@CurrentPerson() asker: User, @Param('person') id: string, @Req() request: Request): Promise<void> {
    const person = await this.aboutOther(id, asker, request);
    if (person.kind !== 'account') throw new ConflictError('people.guestsGoByThemselves');
    await this.farewell.begin(person);
  }

  /** Finds the person, who is the object of the entry in the audit log. */
  private async about(id: string, request: Request): Promise<User> {
    const person = await requirePerson(this.users, id);
    tellAudit(request, { object: { kind: 'person', id: person.id, name: person.displayName } });
    return person;
  }

  /** @throws ConflictError for oneself. */
  private async aboutOther(id: string, asker: User, request: Request): Promise<User> {
    const person = await this.about(id, request);
    if (person.id === asker.id) throw new ConflictError('people.notYourself');
    return person;
  }
}
