import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Belongings, type BelongingsView } from '../../common/account-end/belongings';
import { AppConfig } from '../../common/config/app-config';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { CurrentPerson } from '../http/access/current';
import { asFormErrors, fieldText, showAgain, type SubmittedForm } from '../http/form';
import { endSession } from '../http/sessions/log-in-out';
import { statusOf } from './account-form.view';
import { Farewell } from './farewell';
import { PasswordPrompt, PROOF_MINUTES } from './password-prompt';

/** What the page before the end of an account shows. */
interface FarewellPage extends BelongingsView {
  title: string;
  pageClass: string;
  /** Whether a password is asked for; else for how many minutes a log-in shows as much. */
  hasPassword: boolean;
  proofMinutes: number;
  /** For which it can be taken back. */
  days: number;
}

/** The end of one's account. */
@Controller('account/delete')
export class FarewellController {
  constructor(
    private readonly farewell: Farewell,
    private readonly belongings: Belongings,
    private readonly prompt: PasswordPrompt,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Access('account')
  async page(@CurrentPerson() person: User, @Res() response: Response): Promise<void> {
    response.render('accounts/delete', await this.pageOf(person));
  }

  @Post()
  @Audited('account.leave')
  @HttpCode(200)
  @Access('account')
  async leave(
    @CurrentPerson() person: User,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const page = await this.pageOf(person);
    try {
      await this.farewell.requireAnother(person);
      if (person.passwordHash === null) this.prompt.requireFresh(request.session.provedMs);
      else await this.prompt.require(person, fieldText(form, 'current'));
      await this.farewell.begin(person);
    } catch (error) {
      return showAgain(response, 'accounts/delete', page, asFormErrors(error), statusOf(error, response));
    }
    await endSession(request, response);
    delete request.user;
    response.render('accounts/left', { ...page, title: text('accounts.leftTitle'), pageClass: 'page-narrow' });
  }

  private async pageOf({ id, passwordHash }: User): Promise<FarewellPage> {
    const days = this.config.settings.TRASH_DAYS;
    const proof = { hasPassword: passwordHash !== null, proofMinutes: PROOF_MINUTES };
    return { title: text('accounts.deleteTitle'), pageClass: 'page-mid', days, ...proof, ...(await this.belongings.count(id)) };
  }
}
