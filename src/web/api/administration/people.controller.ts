import { Controller, Get, Param, Patch, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { ConflictError, UnclearError } from '../../../common/errors';
import { PEOPLE_FILTERS, PEOPLE_ORDERS, PeopleRepository, type Listed } from '../../../common/people/people.repository';
import { Standing } from '../../../common/people/standing';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { doParts, tellAudit, type PartOfDeed } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { inField } from '../contract/in-field';
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
    const parts = this.partsOf(change, id);
    if (parts.length === 0) throw new UnclearError('api.nothingToChange');
    tellAudit(request, { object: { kind: 'person', id: person.id, name: person.displayName }, parts });
    await this.requireAll(person, asker, change);
    await doParts(parts);
    return personJson(await requirePerson(this.users, id));
  }

  /** Nothing is done where something of it cannot be. @throws ConflictError, InvalidInputError. */
  private async requireAll(person: User, asker: User, { isAdministrator, suspended }: z.infer<typeof changeSchema>): Promise<void> {
    const isTaken = isAdministrator === false || (suspended !== undefined && suspended !== false);
    if (isTaken && person.id === asker.id) throw new ConflictError('people.notYourself');
    if (isAdministrator && suspended) throw new ConflictError('people.notWhileAway');
    const { kind, leavingMs } = person;
    if (isAdministrator) this.standing.requireAtHand({ kind, leavingMs, suspendedMs: suspended === false ? null : person.suspendedMs });
    if (isAdministrator === false) await this.standing.requireUnnamed(person);
    if (suspended) await inField('suspended.why', () => this.standing.requireReason(person, suspended.why));
  }

  /** First the way in: nobody becomes an administrator who is kept out. */
  private partsOf({ isAdministrator, suspended }: z.infer<typeof changeSchema>, id: string): PartOfDeed[] {
    const now = () => requirePerson(this.users, id);
    const parts: PartOfDeed[] = [];
    if (suspended === false) parts.push({ action: 'person.unsuspend', work: async () => this.standing.endSuspension(await now()) });
    if (isAdministrator === true)
      parts.push({ action: 'person.make-administrator', work: async () => this.standing.makeAdministrator(await now()) });
    if (isAdministrator === false)
      parts.push({ action: 'person.unmake-administrator', work: async () => this.standing.unmakeAdministrator(await now()) });
    if (suspended) {
      const { why } = suspended;
      parts.push({
        action: 'person.suspend',
        details: { why },
        work: async (tell) => tell({ ...(await this.standing.suspend(await now(), why)) }),
      });
    }
    return parts;
  }
}
