import { Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { ApiTokens } from '../../../common/api-tokens/api-tokens';
import { ApiTokensRepository } from '../../../common/api-tokens/api-tokens.repository';
import type { TokenScope } from '../../../common/api-tokens/token-scopes';
import { DomainError, ForbiddenError, NotFoundError } from '../../../common/errors';
import type { User } from '../../../common/users/user.entity';
import { LogIn } from '../../accounts/log-in';
import { refusedLogIn } from '../../accounts/refused-log-in';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { madeTokenSchema, tokenJson, tokenOrderSchema, tokenSchema } from './token-schemas';

const USUAL_DAYS = 90;

const tokensSchema = z.object({ items: z.array(tokenSchema), next: says(z.string().nullable(), 'api.fieldNext') });

/** Tokens, for programs: one that begins has an address and a password, and no token yet. */
@Controller(`${API_ROOT}/tokens`)
export class ApiTokensController {
  constructor(
    private readonly logIn: LogIn,
    private readonly tokens: ApiTokens,
    private readonly rows: ApiTokensRepository,
  ) {}

  @Post()
  @Api({
    area: 'account',
    summary: 'apiFiles.makeToken',
    scope: null,
    body: tokenOrderSchema,
    answer: madeTokenSchema,
    status: 201,
    example: { body: { email: 'ana@lab.example.org', password: '…', name: 'Notebook', scopes: ['read', 'files', 'run'], days: 90 } },
  })
  @Audited('token.make')
  @Access('anyone')
  async make(@ApiBody() order: z.infer<typeof tokenOrderSchema>, @Req() request: Request): Promise<z.infer<typeof madeTokenSchema>> {
    const { name, scopes, days = Math.min(USUAL_DAYS, this.tokens.lives.at(-1) ?? USUAL_DAYS) } = order;
    const person = await this.prove(order, request);
    const { key, token } = await this.tokens.make(person, { name, scopes, days });
    // From here on it is known who asks.
    request.user = person;
    tellAudit(request, { object: { kind: 'token', id: token.id, name }, details: { token: token.prefix, scopes: scopes.join(' '), days } });
    return { key, token: tokenJson(token, undefined) };
  }

  @Get()
  @Api({ area: 'account', summary: 'apiFiles.listTokens', scope: 'read', answer: tokensSchema })
  @Access('account')
  async list(@CurrentPerson() person: User, @Req() request: Request): Promise<z.infer<typeof tokensSchema>> {
    return { items: (await this.rows.ofPerson(person.id)).map((token) => tokenJson(token, request.token)), next: null };
  }

  /** Its own among them. It has to be allowed to change something, and all that each of them may. */
  @Delete()
  @Api({ area: 'account', summary: 'apiWork.revokeAllTokens', scope: 'files', answer: null })
  @Audited('token.revoke-all')
  @Access('account')
  async revokeAll(@CurrentPerson() person: User, @Req() { token }: Request): Promise<void> {
    const all = await this.rows.ofPerson(person.id);
    requireScopes(
      token,
      all.flatMap(({ scopes }) => scopes),
    );
    await this.rows.revokeAll(person.id);
  }

  /** A program that is done with its token needs no other right for that. */
  @Delete('current')
  @Api({ area: 'account', summary: 'apiFiles.revokeCurrent', scope: null, answer: null })
  @Audited('token.revoke')
  @Access('account')
  async revokeCurrent(@CurrentPerson() person: User, @Req() request: Request): Promise<void> {
    const { id = '', name = '' } = request.token ?? {};
    tellAudit(request, { object: { kind: 'token', id, name } });
    await this.rows.revoke(person.id, id);
  }

  /** Any token ends itself. To end another it has to be allowed to change something, and all that the other may. */
  @Delete(':token')
  @Api({ area: 'account', summary: 'apiFiles.revokeToken', scope: null, answer: null })
  @Audited('token.revoke')
  @Access('account')
  async revoke(@CurrentPerson() person: User, @Param('token') token: string, @Req() request: Request): Promise<void> {
    const id = token.slice(0, 36);
    tellAudit(request, { object: { kind: 'token', id } });
    await this.requireScopesFor(person, id, request);
    if (!(await this.rows.revoke(person.id, id))) throw new NotFoundError('tokens.gone');
  }

  private async requireScopesFor(person: User, id: string, { token }: Request): Promise<void> {
    if (token?.id === id) return;
    const other = (await this.rows.ofPerson(person.id)).find((one) => one.id === id);
    requireScopes(token, ['files', ...(other?.scopes ?? [])]);
  }

  /** With the same limits, words and entries as the page for it. */
  private async prove({ email, password }: z.infer<typeof tokenOrderSchema>, request: Request): Promise<User> {
    try {
      const { person } = await this.logIn.check({ entered: email, password, address: request.ip, stays: false });
      return person;
    } catch (error) {
      if (error instanceof DomainError) tellAudit(request, refusedLogIn(email, error));
      throw error;
    }
  }
}

/** @throws ForbiddenError for the first of these scopes that the token does not have. */
function requireScopes(token: Request['token'], needed: readonly TokenScope[]): void {
  const scope = needed.find((one) => !token?.scopes.includes(one));
  if (scope !== undefined) throw new ForbiddenError('tokens.scopeLacking', { scope });
}
