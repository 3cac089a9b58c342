import { Body, Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import { SampleProject } from '../../common/projects/sample-project';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { Visitor } from '../http/access/current';
import { redirect, safePath } from '../http/addresses';
import { COOKIES, readKeyCookie } from '../http/cookies';
import { asFormErrors, fieldText, showAgain, type SubmittedForm } from '../http/form';
import { addressKey, areGuestsByAddress } from '../http/guest-keys';
import { networkOf, RateLimits } from '../http/rate-limits';
import { setGuestCookie } from '../http/sessions/keep-guest-cookie';
import { endSession, startSession } from '../http/sessions/log-in-out';
import { accountForm, statusOf } from './account-form.view';
import { Arrival } from './arrival';
import { InstituteDesk } from './institute/institute-desk';
import { JoinOffer } from './institute/join-offer';
import { CheckedLogIn, LogInGuard, type LogInAttempt } from './log-in.guard';
import { Newcomers } from './newcomers';
import { refusedLogIn } from './refused-log-in';

/** Log in, log out, enter as guest. */
@Controller()
export class AccountsController {
  constructor(
    private readonly newcomers: Newcomers,
    private readonly sample: SampleProject,
    private readonly limits: RateLimits,
    private readonly arrival: Arrival,
    private readonly desk: InstituteDesk,
    private readonly config: AppConfig,
  ) {}

  @Get('login')
  @Access('anyone')
  logInPage(@Visitor() visitor: User | null, @Query('next') next: unknown, @Req() request: Request, @Res() response: Response): void {
    if (visitor?.kind === 'account') return redirect(response, safePath(next));
    response.render('accounts/login', accountForm('logIn', this.config, request, { next }));
  }

  @Post('login')
  @Audited('account.log-in')
  @Access('anyone')
  @UseGuards(LogInGuard)
  async logIn(
    @Visitor() visitor: User | null,
    @CheckedLogIn() attempt: LogInAttempt,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if ('refusal' in attempt) {
      if (attempt.refusal instanceof JoinOffer) {
        tellAudit(request, { isNothing: true });
        return this.desk.askFirst({ person: attempt.refusal.joiner, next: form['next'] }, response);
      }
      const email = fieldText(form, 'email');
      tellAudit(request, refusedLogIn(email, attempt.refusal));
      const focus = email === '' ? 'email' : 'password';
      const model = accountForm('logIn', this.config, request, { next: form?.['next'], email, focus });
      return showAgain(response, 'accounts/login', model, asFormErrors(attempt.refusal), statusOf(attempt.refusal, response));
    }
    await this.arrival.enter({ ...attempt, visitor, next: form['next'] }, request, response);
  }

  @Post('logout')
  @Audited('account.log-out')
  @Access('anyone')
  async logOut(@Req() request: Request, @Res() response: Response): Promise<void> {
    // Anybody can ask for it as often as they like.
    if (!request.user) tellAudit(request, { isNothing: true });
    const source = request.session.by?.source;
    await endSession(request, response);
    // Whom the institute let in is logged in there still.
    redirect(response, source === 'oidc' || source === 'proxy' ? `/login/left?by=${source}` : '/');
  }

  @Post('guest')
  @Audited('account.enter-as-guest')
  @Access('anyone')
  async enterAsGuest(
    @Visitor() visitor: User | null,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (visitor) tellAudit(request, { isNothing: true });
    else {
      const isByAddress = areGuestsByAddress(this.config);
      const known = isByAddress ? addressKey(request) : readKeyCookie(request, COOKIES.guest);
      const entry = await this.newcomers.enterAsGuest(known, () => this.limits.take('guest', networkOf(request.ip)));
      if (entry.isNew) await this.sample.giveTo(entry.person);
      if (!isByAddress) setGuestCookie(response, entry.key, this.config.settings.GUEST_DAYS);
      await startSession(request, entry.person);
    }
    redirect(response, safePath(form?.['next']));
  }
}
