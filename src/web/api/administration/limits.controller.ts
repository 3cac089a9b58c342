import { Controller, Get, Param, Put, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import type { Group } from '../../../common/groups/group.entity';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import type { Quota } from '../../../common/quotas/quota.entity';
import { Quotas, type PersonLimits } from '../../../common/quotas/quotas';
import { QUOTA_NAMES, type QuotaName, type QuotaValues } from '../../../common/quotas/quotas.repository';
import { readQuotas } from '../../../common/quotas/read-quotas';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { Access } from '../../http/access/access.decorator';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { requireGroup } from './group-json';
import { requirePerson } from './person-json';

const own = z.union([z.number(), z.literal('none')]).nullable();
const ownSchema = z.object({ bytes: own, files: own, uploadBytes: own, projects: own, runsAtOnce: own, waiting: own });
const applied = z.number().nullable();
const limitsSchema = z
  .object({
    own: says(ownSchema, 'apiAdmin.limitsOwn'),
    applied: says(
      z.object({ bytes: applied, files: applied, uploadBytes: z.number(), projects: applied, runsAtOnce: applied, waiting: applied }),
      'apiAdmin.limitsApplied',
    ),
  })
  .meta({ id: 'Limits' });

function limit() {
  return z.union([z.int().min(1), z.literal('none')]).nullable();
}

const limitsOrder = z.strictObject({
  bytes: says(limit(), 'apiAdmin.limitBytes'),
  files: says(limit(), 'apiAdmin.limitFiles'),
  uploadBytes: says(limit(), 'apiAdmin.limitUpload'),
  projects: says(limit(), 'apiAdmin.limitProjects'),
  runsAtOnce: says(limit(), 'apiAdmin.limitRuns'),
  waiting: says(limit(), 'apiAdmin.limitWaiting'),
});
const EXAMPLE = { bytes: 500_000_000_000, files: null, uploadBytes: null, projects: 'none', runsAtOnce: 4, waiting: null };

type LimitsJson = z.infer<typeof limitsSchema>;
type LimitsOrder = z.infer<typeof limitsOrder>;

/** Limits of one person, and of the people in one group, for programs of administrators. */
@Controller(`${API_ROOT}/admin`)
export class ApiLimitsController {
  constructor(
    private readonly quotas: Quotas,
    private readonly users: UsersRepository,
    private readonly groups: GroupsRepository,
  ) {}

  @Get('people/:person/limits')
  @Api({ area: 'administration', summary: 'apiAdmin.showLimits', scope: 'admin', answer: limitsSchema })
  @Access('admin')
  async ofPerson(@Param('person') id: string): Promise<LimitsJson> {
    return this.personLimits(await requirePerson(this.users, id));
  }

  @Put('people/:person/limits')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.setLimits',
    scope: 'admin',
    body: limitsOrder,
    answer: limitsSchema,
    example: { body: EXAMPLE },
  })
  @Audited('person.set-limits')
  @Access('admin')
  async setOfPerson(@Param('person') id: string, @ApiBody() order: LimitsOrder, @Req() request: Request): Promise<LimitsJson> {
    const person = await requirePerson(this.users, id);
    tellAudit(request, { object: { kind: 'person', id: person.id, name: person.displayName } });
    await this.set('person', person.id, order, request);
    return this.personLimits(person);
  }

  @Get('groups/:group/limits')
  @Api({ area: 'administration', summary: 'apiAdmin.showGroupLimits', scope: 'admin', answer: limitsSchema })
  @Access('admin')
  async ofGroup(@Param('group') id: string): Promise<LimitsJson> {
    return this.groupLimits(await requireGroup(this.groups, id));
  }

  @Put('groups/:group/limits')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.setGroupLimits',
    scope: 'admin',
    body: limitsOrder,
    answer: limitsSchema,
    example: { body: EXAMPLE },
  })
  @Audited('group.set-limits')
  @Access('admin')
  async setOfGroup(@Param('group') id: string, @ApiBody() order: LimitsOrder, @Req() request: Request): Promise<LimitsJson> {
    const group = await requireGroup(this.groups, id);
    tellAudit(request, { object: { kind: 'group', id: group.id, name: group.name } });
    await this.set('group', group.id, order, request);
    return this.groupLimits(group);
  }

  /** Read as from the form, so that both know the same bounds. */
  private async set(subject: 'person' | 'group', id: string, order: LimitsOrder, request: Request): Promise<void> {
    const values = readQuotas(Object.fromEntries(QUOTA_NAMES.map((name) => [name, String(order[name] ?? '')])));
    await this.quotas.setOwn(subject, id, values);
    tellAudit(request, { details: values });
  }

  private async personLimits(person: User): Promise<LimitsJson> {
    return limitsJson(await this.quotas.ownOf('person', person.id), await this.quotas.limitsOf(person));
  }

  /** What applies to people with an account who have nothing else. */
  private async groupLimits({ id }: Group): Promise<LimitsJson> {
    const said = await this.quotas.ownOf('group', id);
    const usual = this.quotas.siteLimits({ kind: 'account', isAdmin: false });
    return limitsJson(said, usual);
  }
}

function limitsJson(said: Quota | null, applies: PersonLimits): LimitsJson {
  const entries = QUOTA_NAMES.map((name): [QuotaName, number | 'none' | null] => [name, ownValue(said, name)]);
  const { bytes, files, uploadBytes, projects, runsAtOnce, waiting } = applies;
  return { own: Object.fromEntries(entries) as LimitsJson['own'], applied: { bytes, files, uploadBytes, projects, runsAtOnce, waiting } };
}

/** The table has 0 for no limit. */
function ownValue(said: QuotaValues | null, name: QuotaName): number | 'none' | null {
  const value = said?.[name] ?? null;
  return value === 0 ? 'none' : value;
}
