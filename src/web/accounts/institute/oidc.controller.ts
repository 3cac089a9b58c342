import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../../common/config/app-config';
import { InvalidInputError, NotFoundError } from '../../../common/errors';
import type { User } from '../../../common/users/user.entity';
import { OidcProvider, type OidcFlow } from '../../institute/oidc-provider';
import { Access } from '../../http/access/access.decorator';
import { Visitor } from '../../http/access/current';
import { redirect, safePath } from '../../http/addresses';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { COOKIES } from '../../http/cookies';
import { networkOf, RateLimits } from '../../http/rate-limits';
import { SealedCookies } from '../../http/sealed-cookies';
import { InstituteDesk } from './institute-desk';
import { showRefusal } from './institute-refusal';

/** For so long people may be busy at the provider. */
const FLOW_SECONDS = 600;

/** A log-in that goes on at the provider. */
interface Begun extends OidcFlow {
  next: string;
  /** Whether somebody who is logged in wants to connect the account. */
  connects: boolean;
}

/** To the OpenID Connect provider and back. */
@Controller('login/oidc')
export class OidcController {
  constructor(
    private readonly provider: OidcProvider,
    private readonly desk: InstituteDesk,
    private readonly limits: RateLimits,
    private readonly cookies: SealedCookies,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Access('anyone')
  async begin(
    @Visitor() visitor: User | null,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    this.requireProvider();
    const next = safePath(query['next']);
    const connects = query['connect'] === 'yes' && visitor?.kind === 'account';
    if (visitor?.kind === 'account' && !connects) return redirect(response, next);
    // The provider sends people back to PUBLIC_URL: a cookie of another name of this place would not be there.
    if (query['here'] !== 'yes' && request.host?.toLowerCase() !== new URL(this.config.publicUrl).host)
      return response.redirect(303, this.addressAtHome(next, connects));
    try {
      const { address, flow } = await this.provider.begin();
      await this.cookies.set(response, COOKIES.oidc, { ...flow, next, connects } satisfies Begun, FLOW_SECONDS);
      response.redirect(303, address);
    } catch (error) {
      showRefusal(error, next, this.config, request, response);
    }
  }

  @Get('callback')
  @Audited('account.log-in')
  @Access('anyone')
  async callback(
    @Visitor() visitor: User | null,
    @Query('state') state: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    this.requireProvider();
    const begun = await this.cookies.read<Begun>(request, COOKIES.oidc);
    // Each log-in ends once, whatever comes of it.
    this.cookies.clear(response, COOKIES.oidc);
    if (visitor?.kind === 'account' && !begun?.connects) {
      tellAudit(request, { isNothing: true });
      return redirect(response, begun?.next ?? '/');
    }
    try {
      const network = networkOf(request.ip);
      await this.limits.take('logIn', network);
      if (!begun || begun.state !== state) throw new InvalidInputError('institute.startAgain', {}, 'form');
      const person = await this.provider.finish(begun, request.originalUrl.slice(request.originalUrl.indexOf('?')));
      await this.limits.giveBack('logIn', network);
      await this.desk.receive(person, visitor, begun.next, request, response);
    } catch (error) {
      showRefusal(error, begun?.next, this.config, request, response);
    }
  }

  private addressAtHome(next: string, connects: boolean): string {
    const query = new URLSearchParams({ next, here: 'yes', ...(connects ? { connect: 'yes' } : {}) });
    return `${this.config.publicUrl}/login/oidc?${query.toString()}`;
  }

  private requireProvider(): void {
    if (!this.provider.isConfigured) throw new NotFoundError('errors.notFound');
  }
}
