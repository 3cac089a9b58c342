import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentPerson } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { fieldText, type SubmittedForm } from '../http/form';
import { AccountSessions } from './account-sessions';

/** Ends log-ins of one's own in other browsers. */
@Controller('account/sessions')
export class AccountSessionsController {
  constructor(private readonly sessions: AccountSessions) {}

  @Post('end')
  @Audited('account.end-session')
  @Access('account')
  async end(@CurrentPerson() person: User, @Body() form: SubmittedForm, @Req() request: Request, @Res() response: Response): Promise<void> {
    const hasEnded = await this.sessions.end(person.id, fieldText(form, 'session'));
    flash(request, hasEnded ? 'ok' : 'warn', hasEnded ? 'accounts.sessionEnded' : 'accounts.sessionGone');
    redirect(response, '/account');
  }

  @Post('others')
  @Audited('account.end-other-sessions')
  @Access('account')
  async endOthers(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    flash(request, 'ok', 'accounts.othersEnded', { count: await this.sessions.endOthers(person.id, request.sessionID) });
    redirect(response, '/account');
  }
}
