import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { Visitor } from '../../http/access/current';
import { redirect, safePath } from '../../http/addresses';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { COOKIES } from '../../http/cookies';
import { flash } from '../../http/flash';
import { asFormErrors, fieldText, showAgain, type SubmittedForm } from '../../http/form';
import { networkOf } from '../../http/rate-limits';
import { SealedCookies } from '../../http/sealed-cookies';
import { statusOf } from '../account-form.view';
import { InstituteAccounts } from './institute-accounts';
import { InstituteDesk, type Joining } from './institute-desk';
import { Join } from './join';
import { JoinPage } from './join-page.view';

/** The one page between the institute and the account, where something has to be said first. */
@Controller('login/join')
export class JoinController {
  constructor(
    private readonly join: Join,
    private readonly desk: InstituteDesk,
    private readonly accounts: InstituteAccounts,
    private readonly page: JoinPage,
    private readonly cookies: SealedCookies,
  ) {}

  @Get()
  @Access('anyone')
  async show(@Visitor() visitor: User | null, @Req() request: Request, @Res() response: Response): Promise<void> {
    const joining = await this.cookies.read<Joining>(request, COOKIES.joining);
    const question = joining && (await this.join.questionFor(joining.person, visitor));
    if (!question) return redirect(response, '/login');
    response.render('accounts/join', await this.page.of(joining.person, question, visitor));
  }

  @Post()
  @Audited('account.connect')
  @HttpCode(200)
  @Access('anyone')
  async answer(
    @Visitor() visitor: User | null,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const joining = await this.cookies.read<Joining>(request, COOKIES.joining);
    const question = joining && (await this.join.questionFor(joining.person, visitor));
    if (!question) {
      tellAudit(request, { isNothing: true });
      return redirect(response, '/login');
    }
    const { person } = joining;
    tellAudit(request, { details: { source: person.source, name: person.name } });
    try {
      if (question === 'connect') await this.connect(joining, visitor!, form, request, response);
      else await this.enter(joining, { visitor, form }, request, response);
    } catch (error) {
      const errors = asFormErrors(error);
      tellAudit(request, { isRefused: true });
      // What was proved is proved: there may be another question by now.
      const now = (await this.join.questionFor(person, visitor)) ?? question;
      showAgain(response, 'accounts/join', await this.page.of(person, now, visitor), errors, statusOf(error, response));
    }
  }

  private async connect(
    { person, next }: Joining,
    visitor: User,
    form: SubmittedForm,
    request: Request,
    response: Response,
  ): Promise<void> {
    await this.join.connect(person, visitor, fieldText(form, 'password'));
    await this.accounts.settle(person, networkOf(request.ip));
    this.cookies.clear(response, COOKIES.joining);
    flash(request, 'ok', 'institute.connected', { name: person.name });
    redirect(response, safePath(next));
  }

  private async enter(
    joining: Joining,
    { visitor, form }: { visitor: User | null; form: SubmittedForm },
    request: Request,
    response: Response,
  ): Promise<void> {
    const isSeparate = fieldText(form, 'what') === 'separate';
    const { person } = joining;
    const isKnown = (await this.accounts.accountOf(person)) !== null;
    if (!isSeparate && !isKnown) await this.join.prove(person, fieldText(form, 'password'), request.ip);
    const settled = await this.accounts.settle(person, networkOf(request.ip), isSeparate);
    await this.desk.letIn(joining, settled, { visitor, stays: fieldText(form, 'stay') === 'yes' }, request, response);
  }
}
