import { Controller, Get, Render, Req } from '@nestjs/common';
import type { Request } from 'express';
import { AppConfig } from '../../../common/config/app-config';
import { text } from '../../../locales/text';
import { Access } from '../../http/access/access.decorator';
import { OpenApi } from './open-api';
import { referenceOf, type Reference } from './reference.view';

interface ReferenceView extends Reference {
  title: string;
  /** Requests in a minute. */
  rate: number;
}

/** The page about the API: the OpenAPI document for people. */
@Controller('help/api')
export class ReferenceController {
  constructor(
    private readonly openApi: OpenApi,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Access('anyone')
  @Render('help/api')
  show(@Req() request: Request): ReferenceView {
    const { PUBLIC_URL, API_RATE } = this.config.settings;
    // Where nobody said under which name the site is known, it is the one that was just typed.
    const address = PUBLIC_URL ?? `${request.protocol}://${request.host}`;
    return { title: text('api.title'), rate: API_RATE, ...referenceOf(this.openApi.document(), address) };
  }
}
