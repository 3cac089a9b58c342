import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ApiTokens } from '../../common/api-tokens/api-tokens';
import { ApiTokensRepository } from '../../common/api-tokens/api-tokens.repository';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson } from '../http/access/current';
import { redirect } from '../http/addresses';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, fieldTexts, showAgain, type SubmittedForm } from '../http/form';
import { TokensPage } from './tokens-page.view';

/** Tokens for programs, which their person makes, looks at and takes back. */
@Controller('account/tokens')
export class TokensController {
  constructor(
    private readonly page: TokensPage,
    private readonly tokens: ApiTokens,
    private readonly rows: ApiTokensRepository,
  ) {}

  @Get()
  @Access('account')
  async show(@CurrentPerson() person: User, @Res() response: Response): Promise<void> {
    response.render('tokens/manage', await this.page.of(person));
  }

  /** The answer itself shows the key: nothing that was stored could show it on a further page. */
  @Post()
  @Audited('token.make')
  @Access('account')
  async make(
    @CurrentPerson() person: User,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const entered = { name: fieldText(form, 'name'), scopes: fieldTexts(form, 'scopes'), days: fieldText(form, 'days') };
    try {
      const { key, token } = await this.tokens.make(person, { ...entered, days: Number(entered.days) });
      const { id, name, prefix, scopes } = token;
      tellAudit(request, { object: { kind: 'token', id, name }, details: { token: prefix, scopes: scopes.join(' '), days: entered.days } });
      response.render('tokens/manage', await this.page.of(person, undefined, { key, name }));
    } catch (error) {
      showAgain(response, 'tokens/manage', await this.page.of(person, entered), asFormErrors(error));
    }
  }

  @Post('revoke-all')
  @Audited('token.revoke-all')
  @Access('account')
  async revokeAll(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    flash(request, 'ok', 'tokens.allRevoked', { count: await this.rows.revokeAll(person.id) });
    redirect(response, '/account/tokens');
  }

  @Post(':token/revoke')
  @Audited('token.revoke')
  @Access('account')
  async revoke(
    @CurrentPerson() person: User,
    @Param('token') token: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const id = token.slice(0, 36);
    tellAudit(request, { object: { kind: 'token', id } });
    const wasThere = await this.rows.revoke(person.id, id);
    if (wasThere) flash(request, 'ok', 'tokens.revoked', {}, { path: `/account/tokens/${encodeURIComponent(id)}/restore`, fields: [] });
    else flash(request, 'warn', 'tokens.gone');
    redirect(response, '/account/tokens');
  }

  /** Undoes `revoke`: the same key lets programs in again. */
  @Post(':token/restore')
  @Audited('token.restore')
  @Access('account')
  async restore(
    @CurrentPerson() person: User,
    @Param('token') token: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const id = token.slice(0, 36);
    tellAudit(request, { object: { kind: 'token', id } });
    const isBack = await this.rows.restore(person.id, id);
    flash(request, isBack ? 'ok' : 'warn', isBack ? 'tokens.restored' : 'tokens.restoredTooLate');
    redirect(response, '/account/tokens');
  }
}
