import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../../common/errors';
import type { Group } from '../../../common/groups/group.entity';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import { Quotas } from '../../../common/quotas/quotas';
import { QUOTA_NAMES, type QuotaName, type QuotaValues } from '../../../common/quotas/quotas.repository';
import { readQuota } from '../../../common/quotas/read-quotas';
import { text } from '../../../locales/text';
import { Access } from '../../http/access/access.decorator';
import { redirect } from '../../http/addresses';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { flash } from '../../http/flash';
import { checkField, fieldText, showAgain, type FormErrors } from '../../http/form';
import { isUuid } from '../../http/ids';
import { PersonForms } from './person-forms.view';
import { PersonPage } from './person-page.view';
import { QuotaForms, type QuotaField } from './quota-form.view';

/** What `views/admin/people/group-limits.hbs` shows. */
interface GroupLimitsView {
  title: string;
  group: { id: string; name: string };
  quotas: QuotaField[];
}

/** Limits of one person, and of the people in one group. */
@Controller('admin')
export class QuotasController {
  constructor(
    private readonly page: PersonPage,
    private readonly forms: PersonForms,
    private readonly fields: QuotaForms,
    private readonly quotas: Quotas,
    private readonly groups: GroupsRepository,
  ) {}

  @Post('people/:person/quotas')
  @HttpCode(200)
  @Access('admin')
  @Audited('person.set-limits')
  async setOfPerson(@Param('person') id: string, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const person = await this.page.require(id);
    tellAudit(request, { object: { kind: 'person', id: person.id, name: person.displayName } });
    const { values, errors } = read(form);
    if (!values) {
      const view = await this.forms.of(person, request.user?.id ?? '', { quotas: await this.fields.again(person, form) });
      return showAgain(response, 'admin/people/person', view, errors);
    }
    await this.quotas.setOwn('person', person.id, values);
    tellAudit(request, { details: values });
    flash(request, 'ok', 'people.limitsSet', { name: person.displayName });
    redirect(response, `/admin/people/${person.id}`);
  }

  @Get('groups/:group/limits')
  @Access('admin')
  async ofGroup(@Param('group') id: string, @Res() response: Response): Promise<void> {
    const group = await this.groupOf(id);
    response.render('admin/people/group-limits', viewOf(group, await this.fields.ofGroup(group.id)));
  }

  @Post('groups/:group/limits')
  @HttpCode(200)
  @Access('admin')
  @Audited('group.set-limits')
  async setOfGroup(@Param('group') id: string, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const group = await this.groupOf(id);
    tellAudit(request, { object: { kind: 'group', id: group.id, name: group.name } });
    const { values, errors } = read(form);
    if (!values) {
      const view = viewOf(group, await this.fields.ofGroup(group.id, form));
      return showAgain(response, 'admin/people/group-limits', view, errors);
    }
    await this.quotas.setOwn('group', group.id, values);
    tellAudit(request, { details: values });
    flash(request, 'ok', 'people.limitsSet', { name: group.name });
    redirect(response, `/admin/groups/${group.id}`);
  }

  private async groupOf(id: string): Promise<Group> {
    const group = isUuid(id) ? await this.groups.findById(id) : null;
    if (!group) throw new NotFoundError('groups.gone');
    return group;
  }
}

function viewOf({ id, name }: Group, quotas: QuotaField[]): GroupLimitsView {
  return { title: text('people.groupLimitsTitle', { name }), group: { id, name }, quotas };
}

/** @returns no values where one of them is wrong. */
function read(form: unknown): { values: QuotaValues | null; errors: FormErrors } {
  const errors: FormErrors = {};
  const entries = QUOTA_NAMES.map((name): [QuotaName, number | null] => [
    name,
    checkField(errors, () => readQuota(name, fieldText(form, name))) ?? null,
  ]);
  return { values: Object.keys(errors).length > 0 ? null : (Object.fromEntries(entries) as QuotaValues), errors };
}
