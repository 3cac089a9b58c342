import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import { SampleProject } from '../../common/projects/sample-project';
import { parseEmail } from '../../common/users/email-address';
import { checkPassword } from '../../common/users/passwords';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { Visitor } from '../http/access/current';
import { redirect, safePath } from '../http/addresses';
import { COOKIES, cookieOptions } from '../http/cookies';
import { flash } from '../http/flash';
import { asFormErrors, checkField, fieldText, type FormErrors, showAgain, type SubmittedForm } from '../http/form';
import { startSession } from '../http/sessions/log-in-out';
import { accountForm, sentPage, statusOf } from './account-form.view';
import { Confirmation } from './confirmation';
import type { Applicant } from './newcomers';
import { SignUp } from './sign-up';
import { SignUpRule } from './sign-up-rule';

/** Makes an account: freely, or by invitation. */
@Controller('signup')
export class SignUpController {
  constructor(
    private readonly signUps: SignUp,
    private readonly rule: SignUpRule,
    private readonly confirmation: Confirmation,
    private readonly sample: SampleProject,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Access('anyone')
  async page(
    @Visitor() visitor: User | null,
    @Query('next') next: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (visitor?.kind === 'account') return redirect(response, safePath(next));
    const isFirst = await this.signUps.isNextAdministrator();
    response.render('accounts/signup', { ...accountForm('signUp', this.config, request, { next }), isFirst });
  }

  @Post()
  @Audited('account.sign-up')
  @HttpCode(200)
  @Access('anyone')
  async signUp(
    @Visitor() visitor: User | null,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const token = fieldText(form, 'invitation');
    const invitation = token === '' ? null : await this.rule.invitation(token);
    const errors: FormErrors = {};
    const email = invitation?.email ?? checkField(errors, () => parseEmail(fieldText(form, 'email')));
    const password = fieldText(form, 'password');
    checkField(errors, () => checkPassword(password));
    const focus = email !== undefined && errors['password'] ? 'password' : 'email';
    const shown = invitation ? { email: invitation.email, invitation: token } : { email: fieldText(form, 'email') };
    const model = accountForm('signUp', this.config, request, { ...shown, next: form?.['next'], focus });
    if (email === undefined || Object.keys(errors).length > 0) return showAgain(response, 'accounts/signup', model, errors);
    const applicant = { email, password, isInvited: invitation !== null };
    try {
      const person = await this.signUps.signUp({ applicant, invitation, visitor, address: request.ip });
      if (visitor?.id === person.id) response.clearCookie(COOKIES.guest, cookieOptions(response));
      else await this.sample.giveTo(person);
      await this.enter(person, applicant, request, response);
    } catch (error) {
      return showAgain(response, 'accounts/signup', model, asFormErrors(error), statusOf(error, response));
    }
  }

  /** Logs in at once, unless the address has to be confirmed before that. */
  private async enter(person: User, { email }: Applicant, request: Request, response: Response): Promise<void> {
    if (this.confirmation.isRequiredOf(person)) {
      await this.confirmation.ask(person);
      return response.render('accounts/sent', sentPage('confirm', email));
    }
    await startSession(request, person);
    if (!person.isAdmin && this.confirmation.isNamed(email)) {
      await this.confirmation.ask(person);
      flash(request, 'warn', 'accounts.confirmToSteer', { email });
    }
    redirect(response, safePath(request.body['next']));
  }
}
