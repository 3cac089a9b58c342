import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError, NotFoundError } from '../../../common/errors';
import { Access } from '../../http/access/access.decorator';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { BACK_CHANNEL_PATH } from '../../http/back-channel';
import { fieldText } from '../../http/form';
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
  ) {}

  /** Answers as the specification has it; whether anybody was logged in is not told. */
  @Post()
  @Audited('account.log-out-there')
  @Access('anyone')
  async receive(@Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (!this.provider.isConfigured) throw new NotFoundError('errors.notFound');
    try {
      const { userIds, count } = await this.ends.end(await this.tokens.read(fieldText(form, 'logout_token')));
      const [id] = userIds;
      tellAudit(request, id === undefined ? { isNothing: true } : { object: { kind: 'person', id }, details: { sessions: count } });
      response.status(200).end();
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      tellAudit(request, { isNothing: true });
      response.status(400).json({ error: 'invalid_request' });
    }
  }
}
