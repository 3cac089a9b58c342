import { Controller, Get, Param, Render, Req } from '@nestjs/common';
import type { Request } from 'express';
import { AppConfig } from '../../../common/config/app-config';
import { NotFoundError } from '../../../common/errors';
import { text } from '../../../locales/text';
import { Access } from '../../http/access/access.decorator';
import { OpenApi } from './open-api';
import { areaReferenceOf, referenceOf, type AreaReference, type Reference } from './reference.view';

interface ReferenceView extends Reference {
  title: string;
  /** Requests in a minute. */
  rate: number;
}

/** The pages about the API: the OpenAPI document for people, how to ask on the first and each area on its own. */
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
    const rate = this.config.settings.API_RATE;
    return { title: text('api.title'), rate, ...referenceOf(this.openApi.document(), this.addressOf(request)) };
  }

  @Get(':area')
  @Access('anyone')
  @Render('help/api-area')
  area(@Param('area') area: string, @Req() request: Request): AreaReference & { title: string } {
    const view = areaReferenceOf(this.openApi.document(), area, this.addressOf(request));
    if (!view) throw new NotFoundError('errors.notFound');
    return { title: text('api.titleOfArea', { area: view.area.title }), ...view };
  }

  /** Where nobody said under which name the site is known, it is the one that was just typed. */
  private addressOf({ protocol, host }: Request): string {
    return this.config.settings.PUBLIC_URL ?? `${protocol}://${host}`;
  }
}
