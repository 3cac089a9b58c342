import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ConflictError, InvalidInputError } from '../../../common/errors';
import { Standing } from '../../../common/people/standing';
import { SessionsRepository } from '../../../common/users/sessions.repository';
import type { User } from '../../../common/users/user.entity';
import type { TextKey, TextValues } from '../../../locales/text';
import { Farewell } from '../../accounts/farewell';
import { Access } from '../../http/access/access.decorator';
import { redirect } from '../../http/addresses';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { flash } from '../../http/flash';
import { asFormErrors, fieldText, showAgain } from '../../http/form';
import { PersonChanges } from './person-changes';
import { PersonForms } from './person-forms.view';
import { PersonPage } from './person-page.view';

/** What was done, for the next page. */
interface Said {
  key: TextKey;
  values?: TextValues;
}

/** What administrators do to accounts and guests. Nobody can lock themselves out here. */
@Controller('admin/people/:person')
export class PersonChangesController {
  constructor(
    private readonly page: PersonPage,
    private readonly forms: PersonForms,
    private readonly standing: Standing,
    private readonly changes: PersonChanges,
    private readonly sessions: SessionsRepository,
    private readonly farewell: Farewell,
  ) {}

  @Post('administrator')
  @Access('admin')
  @Audited('person.make-administrator')
  makeAdministrator(@Param('person') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.change(id, request, response, async (person) => {
      await this.standing.makeAdministrator(person);
      return { key: 'people.madeAdministrator' };
    });
  }

  @Post('no-administrator')
  @Access('admin')
  @Audited('person.unmake-administrator')
  unmakeAdministrator(@Param('person') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.changeOther(id, request, response, async (person) => {
      await this.standing.unmakeAdministrator(person);
      return { key: 'people.unmadeAdministrator' };
    });
  }

  @Post('suspend')
  @HttpCode(200)
  @Access('admin')
  @Audited('person.suspend')
  async suspend(@Param('person') id: string, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const why = fieldText(form, 'why');
    try {
      await this.changeOther(id, request, response, async (person) => {
        const outcome = await this.standing.suspend(person, why);
        tellAudit(request, { details: { why, ...outcome } });
        return { key: 'people.suspendedFlash', values: { ...outcome } };
      });
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      const person = await this.page.require(id);
      const view = await this.forms.of(person, request.user?.id ?? '', { entered: { why } });
      showAgain(response, 'admin/people/person', view, asFormErrors(error));
    }
  }

  @Post('unsuspend')
  @Access('admin')
  @Audited('person.unsuspend')
  unsuspend(@Param('person') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.change(id, request, response, async (person) => {
      await this.standing.endSuspension(person);
      return { key: 'people.unsuspendedFlash' };
    });
  }

  @Post('confirm')
  @Access('admin')
  @Audited('person.confirm-address')
  confirm(@Param('person') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.change(id, request, response, async (person) => {
      await this.changes.confirm(person);
      return { key: 'people.confirmedFlash' };
    });
  }

  /** Without a mail server the link stands on the page, once. */
  @Post('reset-link')
  @HttpCode(200)
  @Access('admin')
  @Audited('person.reset-link')
  async resetLink(@Param('person') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const person = await this.about(id, request);
    const link = await this.changes.resetLink(person);
    if (link !== null) return response.render('admin/people/person', await this.forms.of(person, request.user?.id ?? '', { link }));
    flash(request, 'ok', 'people.linkSent', { email: person.email ?? '' });
    redirect(response, `/admin/people/${person.id}`);
  }

  @Post('sessions/end')
  @Access('admin')
  @Audited('person.end-sessions')
  endSessions(@Param('person') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.changeOther(id, request, response, async (person) => {
      const count = await this.sessions.endAllOf(person.id);
      tellAudit(request, { details: { sessions: count } });
      return { key: 'people.sessionsEnded', values: { count } };
    });
  }

  @Post('keep')
  @Access('admin')
  @Audited('person.keep')
  keep(@Param('person') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.change(id, request, response, async (person) => {
      await this.changes.keep(person);
      return { key: 'people.keptFlash' };
    });
  }

  /** As if the person had asked for it: it can be taken back for some days. */
  @Post('delete')
  @Access('admin')
  @Audited('person.delete')
  delete(@Param('person') id: string, @Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.changeOther(id, request, response, async (person) => {
      if (person.kind !== 'account') throw new ConflictError('people.guestsGoByThemselves');
      if (fieldText(form, 'sure') !== 'yes') throw new InvalidInputError('people.sureMissing', {}, 'sure');
      await this.farewell.begin(person);
      return { key: 'people.deletedFlash' };
    });
  }

  /** Finds the person, who is the object of the entry in the audit log. */
  private async about(id: string, request: Request): Promise<User> {
    const person = await this.page.require(id);
    tellAudit(request, { object: { kind: 'person', id: person.id, name: person.displayName } });
    return person;
  }

  private async change(id: string, request: Request, response: Response, carryOut: (person: User) => Promise<Said>): Promise<void> {
    const person = await this.about(id, request);
    const { key, values } = await carryOut(person);
    flash(request, 'ok', key, { name: person.displayName, ...values });
    redirect(response, `/admin/people/${person.id}`);
  }

  /** @throws ConflictError for oneself. */
  private changeOther(id: string, request: Request, response: Response, carryOut: (person: User) => Promise<Said>): Promise<void> {
    return this.change(id, request, response, (person) => {
      if (person.id === request.user?.id) throw new ConflictError('people.notYourself');
      return carryOut(person);
    });
  }
}
