import { Controller, Get, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { AppConfig } from '../../../common/config/app-config';
import { text } from '../../../locales/text';
import { OidcProvider } from '../../institute/oidc-provider';
import { Access } from '../../http/access/access.decorator';
import { sourceTitle } from './source-title';

/** After a log-out of somebody whom the institute let in: who uses the browser next could come in again as them. */
@Controller('login/left')
export class LeftController {
  constructor(
    private readonly provider: OidcProvider,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Access('anyone')
  async show(@Query('by') by: unknown, @Res() response: Response): Promise<void> {
    const source = by === 'proxy' ? 'proxy' : 'oidc';
    response.render('accounts/left-institute', {
      title: text('institute.leftTitle'),
      pageClass: 'page-narrow',
      institute: sourceTitle(source, this.config),
      address: source === 'proxy' ? (this.config.settings.REMOTE_USER_LOGOUT ?? null) : await this.oidcAddress(),
    });
  }

  private async oidcAddress(): Promise<string | null> {
    return this.provider.isConfigured ? this.provider.logOutAddress() : null;
  }
}
