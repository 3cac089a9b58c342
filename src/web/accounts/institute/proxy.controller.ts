import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../../common/config/app-config';
import { ForbiddenError, NotFoundError } from '../../../common/errors';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { Visitor } from '../../http/access/current';
import { redirect, safePath } from '../../http/addresses';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { networkOf, RateLimits } from '../../http/rate-limits';
import { InstituteDesk } from './institute-desk';
import { showRefusal } from './institute-refusal';

/** Lets people in whom a proxy has logged in. */
@Controller('login/proxy')
export class ProxyController {
  constructor(
    private readonly desk: InstituteDesk,
    private readonly limits: RateLimits,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Audited('account.log-in')
  @Access('anyone')
  async logIn(
    @Visitor() visitor: User | null,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { REMOTE_USER_HEADER, REMOTE_USER_TITLE } = this.config.settings;
    if (REMOTE_USER_HEADER === undefined) throw new NotFoundError('errors.notFound');
    const next = safePath(query['next']);
    if (visitor?.kind === 'account' && query['connect'] !== 'yes') {
      tellAudit(request, { isNothing: true });
      return redirect(response, next);
    }
    try {
      const network = networkOf(request.ip);
      await this.limits.take('logIn', network);
      if (!request.remoteUser) throw new ForbiddenError('institute.noRemoteUser', { title: REMOTE_USER_TITLE });
      await this.limits.giveBack('logIn', network);
      await this.desk.receive(request.remoteUser, visitor, next, request, response);
    } catch (error) {
      showRefusal(error, next, this.config, request, response);
    }
  }
}
