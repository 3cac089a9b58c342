import { Body, Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import { TooManyRequestsError } from '../../common/errors';
import { SampleProject } from '../../common/projects/sample-project';
import { parseEmail } from '../../common/users/email-address';
import { checkPassword } from '../../common/users/passwords';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Visitor } from '../http/access/current';
import { redirect, safePath } from '../http/addresses';
import { COOKIES, cookieOptions, readKeyCookie } from '../http/cookies';
import { asFormErrors, checkField, fieldText, type FormErrors, showAgain, type SubmittedForm } from '../http/form';
import { networkOf, RateLimits } from '../http/rate-limits';
import { setGuestCookie } from '../http/sessions/keep-guest-cookie';
import { endSession, startSession } from '../http/sessions/log-in-out';
import { accountForm } from './account-form.view';
import { CheckedLogIn, LogInGuard, type LogInAttempt } from './log-in.guard';
import { Newcomers } from './newcomers';

/** Sign up, log in, log out, enter as guest. */
@Controller()
export class AccountsController {
  constructor(
    private readonly newcomers: Newcomers,
    private readonly sample: SampleProject,
    private readonly limits: RateLimits,
    private readonly config: AppConfig,
  ) {}

  @Get('signup')
  @Access('anyone')
  async signUpPage(
    @Visitor() visitor: User | null,
    @Query('next') next: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (visitor?.kind === 'account') return redirect(response, safePath(next));
    const isFirst = await this.newcomers.isNextAdministrator();
    response.render('accounts/signup', { ...accountForm('signUp', this.config, request, { next }), isFirst });
  }

  @Post('signup')
  @Access('anyone')
  async signUp(
    @Visitor() visitor: User | null,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const errors: FormErrors = {};
    const email = checkField(errors, () => parseEmail(fieldText(form, 'email')));
    const password = fieldText(form, 'password');
    checkField(errors, () => checkPassword(password));
    const focus = email !== undefined && errors['password'] ? 'password' : 'email';
    const model = accountForm('signUp', this.config, request, { next: form?.['next'], email: fieldText(form, 'email'), focus });
    if (email === undefined || Object.keys(errors).length > 0) return showAgain(response, 'accounts/signup', model, errors);
    try {
      await this.limits.take('signUp', networkOf(request.ip));
      const person = await this.newcomers.signUp(email, password, visitor);
      if (visitor) response.clearCookie(COOKIES.guest, cookieOptions(response));
      else await this.sample.giveTo(person);
      await startSession(request, person);
    } catch (error) {
      return showAgain(response, 'accounts/signup', model, asFormErrors(error), statusOf(error, response));
    }
    redirect(response, safePath(form['next']));
  }

  @Get('login')
  @Access('anyone')
  logInPage(@Visitor() visitor: User | null, @Query('next') next: unknown, @Req() request: Request, @Res() response: Response): void {
    if (visitor?.kind === 'account') return redirect(response, safePath(next));
    response.render('accounts/login', accountForm('logIn', this.config, request, { next }));
  }

  @Post('login')
  @Access('anyone')
  @UseGuards(LogInGuard)
  async logIn(
    @CheckedLogIn() attempt: LogInAttempt,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if ('refusal' in attempt) {
      const email = fieldText(form, 'email');
      const focus = email === '' ? 'email' : 'password';
      const model = accountForm('logIn', this.config, request, { next: form?.['next'], email, focus });
      return showAgain(response, 'accounts/login', model, asFormErrors(attempt.refusal), statusOf(attempt.refusal, response));
    }
    await startSession(request, attempt.person);
    redirect(response, safePath(form['next']));
  }

  @Post('logout')
  @Access('anyone')
  async logOut(@Req() request: Request, @Res() response: Response): Promise<void> {
    await endSession(request, response);
    redirect(response, '/');
  }

  @Post('guest')
  @Access('anyone')
  async enterAsGuest(
    @Visitor() visitor: User | null,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (!visitor) {
      const known = readKeyCookie(request, COOKIES.guest);
      const entry = await this.newcomers.enterAsGuest(known, () => this.limits.take('guest', networkOf(request.ip)));
      if (entry.key !== known) await this.sample.giveTo(entry.person);
      setGuestCookie(response, entry.key, this.config.settings.GUEST_DAYS);
      await startSession(request, entry.person);
    }
    redirect(response, safePath(form?.['next']));
  }
}

/** 429 keeps its meaning for programs also when a person sees the form again. */
function statusOf(error: unknown, response: Response): number {
  if (!(error instanceof TooManyRequestsError)) return 422;
  response.setHeader('Retry-After', String(error.retryAfterSeconds));
  return 429;
}
