import { Controller, Get, Param, Patch, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { ConflictError } from '../../../common/errors';
import { PEOPLE_FILTERS, PEOPLE_ORDERS, PeopleRepository, type Listed } from '../../../common/people/people.repository';
import { Standing } from '../../../common/people/standing';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';
import { personJson, personSchema, requirePerson, type PersonJson } from './person-json';

const MOST_PEOPLE = 10_000_000;
const MOST_WORDS = 5;
const listQuery = pageQuery({
  words: says(z.string().max(200).default(''), 'apiAdmin.peopleWords'),
  who: says(z.enum(PEOPLE_FILTERS).default('accounts'), 'apiAdmin.peopleWho'),
  sort: says(z.enum(PEOPLE_ORDERS).default('seen'), 'apiFiles.sort'),
});
const listSchema = pageOf(personSchema);
const changeSchema = z.strictObject({
  isAdministrator: says(z.boolean().optional(), 'apiAdmin.makeAdministrator'),
  suspended: says(z.union([z.strictObject({ why: z.string().max(1000) }), z.literal(false)]).optional(), 'apiAdmin.suspend'),
});
const position = z.int().min(0).max(MOST_PEOPLE);

/** People, for programs of administrators. */
@Controller(`${API_ROOT}/admin/people`)
export class ApiPeopleController {
  constructor(
    private readonly people: PeopleRepository,
    private readonly users: UsersRepository,
    private readonly standing: Standing,
  ) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.listPeople', scope: 'admin', query: listQuery, answer: listSchema })
  @Access('admin')
  async list(@ApiQuery() { words, who, sort, limit, after }: z.infer<typeof listQuery>): Promise<z.infer<typeof listSchema>> {
    const from = decodeCursor(position, after) ?? 0;
    const query = { filter: who, order: sort, words: words.split(/\s+/).filter(Boolean).slice(0, MOST_WORDS) };
    const found: Listed[] = await this.people.page(query, from, limit + 1);
    const next = found.length > limit ? encodeCursor(from + limit) : null;
    return { items: found.slice(0, limit).map(({ user }) => personJson(user)), next };
  }

  @Patch(':person')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.changePerson',
    scope: 'admin',
    body: changeSchema,
    answer: personSchema,
    example: { body: { suspended: { why: 'Left the institute' } } },
  })
  @Audited('person.change')
  @Access('admin')
  async change(
    @CurrentPerson() asker: User,
    @Param('person') id: string,
    @ApiBody() change: z.infer<typeof changeSchema>,
    @Req() request: Request,
  ): Promise<PersonJson> {
    const person = await requirePerson(this.users, id);
    tellAudit(request, { object: { kind: 'person', id: person.id, name: person.displayName }, details: detailsOf(change) });
    const isTaken = change.isAdministrator === false || (change.suspended !== undefined && change.suspended !== false);
    if (isTaken && person.id === asker.id) throw new ConflictError('people.notYourself');
    // First the way in: nobody becomes an administrator who is kept out.
    if (change.suspended === false) await this.standing.endSuspension(person);
    if (change.isAdministrator === true) await this.standing.makeAdministrator(await requirePerson(this.users, id));
    if (change.isAdministrator === false) await this.standing.unmakeAdministrator(person);
    if (change.suspended) await this.standing.suspend(await requirePerson(this.users, id), change.suspended.why);
    return personJson(await requirePerson(this.users, id));
  }
}

function detailsOf({ isAdministrator, suspended }: z.infer<typeof changeSchema>): Record<string, string | boolean> {
  return {
    ...(isAdministrator === undefined ? {} : { administrator: isAdministrator }),
    ...(suspended === undefined ? {} : { suspended: suspended === false ? false : suspended.why }),
  };
}
