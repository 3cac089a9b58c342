import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { hashOfKey } from '../../common/keys';
import { checkDisplayName } from '../../common/users/display-name';
import { parseEmail } from '../../common/users/email-address';
import { checkPassword } from '../../common/users/passwords';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentPerson } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, showAgain, type SubmittedForm } from '../http/form';
import { startSession } from '../http/sessions/log-in-out';
import { AccountChanges } from './account-changes';
import { statusOf } from './account-form.view';
import { AccountPage } from './account-page.view';

/** The page of one's account, and what is changed there. */
@Controller('account')
export class AccountController {
  constructor(
    private readonly page: AccountPage,
    private readonly changes: AccountChanges,
  ) {}

  @Get()
  @Access('account')
  async show(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    response.render('accounts/account', await this.page.of(person, request));
  }

  @Post('name')
  @Audited('account.rename')
  @Access('account')
  rename(@CurrentPerson() person: User, @Body() form: SubmittedForm, @Req() request: Request, @Res() response: Response): Promise<void> {
    const name = fieldText(form, 'name');
    return this.change({ person, request, response, entered: { name } }, async () => {
      await this.changes.rename(person, checkDisplayName(name));
      flash(request, 'ok', 'accounts.nameChanged');
    });
  }

  @Post('password')
  @Audited('account.change-password')
  @Access('account')
  setPassword(
    @CurrentPerson() person: User,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.change({ person, request, response }, async () => {
      const password = fieldText(form, 'password');
      checkPassword(password);
      await this.changes.requirePassword(person, fieldText(form, 'current'), 'current');
      // A new id, in case somebody else knows the old one.
      await startSession(request, person);
      const count = await this.changes.setPassword(person, password, hashOfKey(request.sessionID));
      flash(request, 'ok', 'accounts.passwordChanged', { count });
    });
  }

  @Post('address')
  @Audited('account.ask-for-address')
  @Access('account')
  moveTo(@CurrentPerson() person: User, @Body() form: SubmittedForm, @Req() request: Request, @Res() response: Response): Promise<void> {
    const newEmail = fieldText(form, 'email');
    return this.change({ person, request, response, entered: { newEmail } }, async () => {
      const email = parseEmail(newEmail);
      await this.changes.requirePassword(person, fieldText(form, 'confirmation'), 'confirmation');
      await this.changes.askForAddress(person, email, request.ip);
      flash(request, 'ok', 'accounts.addressAsked', { email });
    });
  }

  @Post('confirm')
  @Audited('account.ask-for-confirmation')
  @Access('account')
  confirm(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.change({ person, request, response }, async () => {
      await this.changes.askToConfirm(person, request.ip);
      flash(request, 'ok', 'accounts.confirmAsked', { email: person.email ?? '' });
    });
  }

  /** Whether the person hears by mail of what goes. */
  @Post('mails')
  @Audited('account.choose-mails')
  @Access('account')
  async chooseMails(
    @CurrentPerson() person: User,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const isWanted = fieldText(form, 'deletions') === 'yes';
    await this.changes.wantDeletionMails(person, isWanted);
    flash(request, 'ok', isWanted ? 'operations.mailsWanted' : 'operations.mailsUnwanted');
    redirect(response, '/account');
  }

  /** Back to the page, which says what was done; or the page again with what is wrong. */
  private async change(asked: Asked, work: () => Promise<void>): Promise<void> {
    const { person, request, response, entered } = asked;
    try {
      await this.page.requireKeptHere(person);
      await work();
    } catch (error) {
      const errors = asFormErrors(error);
      return showAgain(response, 'accounts/account', await this.page.of(person, request, entered), errors, statusOf(error, response));
    }
    redirect(response, '/account');
  }
}

interface Asked {
  person: User;
  request: Request;
  response: Response;
  /** What is shown again when it is refused. */
  entered?: { name?: string; newEmail?: string };
}
