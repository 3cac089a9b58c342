import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AccountLink } from '../../common/account-links/account-link.entity';
import { AccountLinks, type OpenedLink } from '../../common/account-links/account-links';
import { AppConfig } from '../../common/config/app-config';
import { InvalidInputError } from '../../common/errors';
import { checkPassword } from '../../common/users/passwords';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { asFormErrors, checkField, fieldText, type FormErrors, showAgain, type SubmittedForm } from '../http/form';
import { startSession } from '../http/sessions/log-in-out';
import { accountForm, sentPage } from './account-form.view';
import { faultPage, linkPage } from './link-page.view';
import { LinkUse } from './link-use';

/** Where links lead that work once. Opening one shows a page with a button; only the button does something. */
@Controller('link')
export class LinksController {
  constructor(
    private readonly links: AccountLinks,
    private readonly use: LinkUse,
    private readonly config: AppConfig,
  ) {}

  @Get(':token')
  @Access('anyone')
  async page(@Param('token') token: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    keepFromOthers(response);
    const opened = await this.links.open(token);
    if (opened.fault !== null) return refuse(response, opened);
    if (opened.link.purpose !== 'invite')
      return response.render('accounts/link', linkPage(opened.link, token, isOwner(opened.link, request)));
    const entered = { email: opened.link.email ?? '', focus: 'password', invitation: token } as const;
    response.render('accounts/signup', accountForm('signUp', this.config, request, entered));
  }

  @Post()
  @Audited('account.follow-link')
  @HttpCode(200)
  @Access('anyone')
  async follow(@Body() form: SubmittedForm, @Req() request: Request, @Res() response: Response): Promise<void> {
    keepFromOthers(response);
    const token = fieldText(form, 'token');
    const opened = await this.links.open(token);
    if (opened.fault !== null) return refuse(response, opened);
    const { link } = opened;
    const whose = link.userId === null ? {} : { object: { kind: 'person', id: link.userId, name: link.email ?? '' } as const };
    tellAudit(request, { ...whose, details: { purpose: link.purpose } });
    if (link.purpose === 'reset') return this.reset(link, token, form, request, response);
    if (link.purpose === 'invite') return redirect(response, '/signup');
    await this.prove(link, token, form, request, response);
  }

  private async prove(link: AccountLink, token: string, form: SubmittedForm, request: Request, response: Response): Promise<void> {
    if (!isOwner(link, request)) {
      try {
        await this.use.requireOwner(link, fieldText(form, 'current'));
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        return showAgain(response, 'accounts/link', linkPage(link, token, false), asFormErrors(error));
      }
    }
    const person = link.purpose === 'move' ? await this.use.move(link) : await this.use.confirm(link);
    // It proves the address, and lets nobody in.
    if (request.user?.id !== person.id) return response.render('accounts/confirmed', { ...linkPage(link, '', true), email: link.email });
    flash(request, 'ok', 'accounts.confirmedFlash', { email: link.email ?? '' });
    redirect(response, link.purpose === 'move' ? '/account' : '/');
  }

  private async reset(link: AccountLink, token: string, form: SubmittedForm, request: Request, response: Response): Promise<void> {
    const errors: FormErrors = {};
    const password = fieldText(form, 'password');
    checkField(errors, () => checkPassword(password));
    if (Object.keys(errors).length > 0) return showAgain(response, 'accounts/link', linkPage(link, token, false), errors);
    const person = await this.use.reset(link, password);
    // Who asked for the end of the account decides at the log-in whether to stay, and who is suspended hears of it there.
    if (person.leavingMs !== null || person.suspendedMs !== null) return redirect(response, '/login');
    // A link that an administrator passed on proves no address.
    if (!(await this.use.mayEnter(person))) return response.render('accounts/sent', sentPage('confirm', person.email ?? ''));
    await startSession(request, person);
    flash(request, 'ok', 'accounts.passwordSet');
    redirect(response, '/');
  }
}

/** Whether its reader is logged in with the account of the link. */
function isOwner({ userId }: AccountLink, { user }: Request): boolean {
  return user != null && user.id === userId;
}

/** The address of the page holds a secret: no other page hears where its reader came from. `no-referrer` would break its form. */
function keepFromOthers(response: Response): void {
  response.setHeader('Referrer-Policy', 'strict-origin');
}

function refuse(response: Response, opened: OpenedLink): void {
  response.status(opened.fault === 'unknown' ? 404 : 410).render('accounts/link-fault', faultPage(opened));
}
