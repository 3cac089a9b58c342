import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError, NotFoundError } from '../../../common/errors';
import { Access } from '../../http/access/access.decorator';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit, type DeedNote } from '../../http/audit/deeds';
import { BACK_CHANNEL_PATH } from '../../http/back-channel';
import { fieldText } from '../../http/form';
import { networkOf, RateLimits } from '../../http/rate-limits';
import { LogOutTokens } from '../../institute/log-out-tokens';
import { OidcProvider } from '../../institute/oidc-provider';
import { LogOutsThere } from './log-outs-there';

/** Where the provider says by itself that somebody has logged out there. */
@Controller(BACK_CHANNEL_PATH)
export class BackChannelController {
  constructor(
    private readonly provider: OidcProvider,
    private readonly tokens: LogOutTokens,
    private readonly ends: LogOutsThere,
    private readonly limits: RateLimits,
  ) {}

  /** Answers as the specification has it; whether anybody was logged in is not told. */
  @Post()
  @Audited('account.log-out-there')
  @Access('anyone')
  async receive(@Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (!this.provider.isConfigured) throw new NotFoundError('errors.notFound');
    const network = networkOf(request.ip);
    await this.limits.take('logOutThere', network);
    try {
      const { userIds, count } = await this.tokens.heed(fieldText(form, 'logout_token'), (ended) => this.ends.end(ended));
      tellAudit(request, noteOf(userIds, count));
      await this.limits.giveBack('logOutThere', network);
      response.status(200).end();
    } catch (error) {
      if (!(error instanceof InvalidInputError)) {
        await this.limits.giveBack('logOutThere', network);
        throw error;
      }
      tellAudit(request, { isNothing: true });
      response.status(400).json({ error: 'invalid_request' });
    }
  }
}

/** One log-in there may have let several people in here. */
function noteOf([id, ...others]: readonly string[], sessions: number): DeedNote {
  if (id === undefined) return { isNothing: true };
  return { object: { kind: 'person', id }, details: { sessions, others: others.join(', ') || null } };
}
