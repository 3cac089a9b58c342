import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AccountMails } from '../../common/mail/account-mails';
import { parseEmail } from '../../common/users/email-address';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { NotAudited } from '../http/audit/audited.decorator';
import { AfterAnswer } from '../http/after-answer';
import { asFormErrors, fieldText, showAgain, type SubmittedForm } from '../http/form';
import { networkOf, RateLimits } from '../http/rate-limits';
import { sentPage, statusOf } from './account-form.view';
import { PasswordChange } from './password-change';

/** What the page for a forgotten password shows. */
interface ForgotPage {
  title: string;
  pageClass: string;
  email: string;
}

/** A forgotten password: sends a link to whoever has an account with the address, and says the same to everybody. */
@Controller('forgot')
export class ForgotController {
  constructor(
    private readonly passwords: PasswordChange,
    private readonly mails: AccountMails,
    private readonly limits: RateLimits,
    private readonly afterAnswer: AfterAnswer,
  ) {}

  @Get()
  @Access('anyone')
  page(@Res() response: Response): void {
    response.render('accounts/forgot', forgotPage(''));
  }

  /** Whether there is such an account is found out after the answer: neither its words nor its time can tell. */
  @Post()
  @NotAudited('anybody may ask, and only the mailbox of the account gets anything')
  @HttpCode(200)
  @Access('anyone')
  async ask(@Body() form: SubmittedForm, @Req() request: Request, @Res() response: Response): Promise<void> {
    const model = forgotPage(fieldText(form, 'email'));
    if (!this.mails.areSent) return response.render('accounts/forgot', model);
    try {
      const email = parseEmail(model.email);
      await this.limits.takeLink(email, networkOf(request.ip));
      this.afterAnswer.start('The link for a new password', () => this.passwords.sendLink(email));
      response.render('accounts/sent', sentPage('reset', email));
    } catch (error) {
      showAgain(response, 'accounts/forgot', model, asFormErrors(error), statusOf(error, response));
    }
  }
}

function forgotPage(email: string): ForgotPage {
  return { title: text('accounts.forgotTitle'), pageClass: 'page-narrow', email: email.slice(0, 300) };
}
