import { Controller, Get, Header } from '@nestjs/common';
import { z } from 'zod';
import { AppConfig } from '../../../common/config/app-config';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { Visitor } from '../../http/access/current';
import { programVersion } from '../../http/site.view';
import { API_ROOT } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { says } from '../contract/words';
import { OpenApi, type OpenApiDocument } from './open-api';

const startSchema = z
  .object({
    product: z.literal('showrunner'),
    version: says(z.string(), 'api.fieldVersion'),
    site: says(z.string(), 'api.fieldSite'),
    person: says(z.object({ id: z.string(), displayName: z.string() }).nullable(), 'api.fieldStartPerson'),
    links: says(z.object({ openapi: z.string(), reference: z.string() }), 'api.fieldStartLinks'),
  })
  .meta({ id: 'Start' });

/** What a client asks first: what is here, whether its token is good, and where all else is described. */
@Controller(API_ROOT)
export class ApiStartController {
  constructor(
    private readonly config: AppConfig,
    private readonly openApi: OpenApi,
  ) {}

  @Get()
  @Api({ area: 'start', summary: 'api.start', scope: null, answer: startSchema })
  @Access('anyone')
  start(@Visitor() person: User | null): z.infer<typeof startSchema> {
    const { basePath, settings } = this.config;
    return {
      product: 'showrunner',
      version: programVersion(this.config),
      site: settings.SITE_NAME,
      person: person && { id: person.id, displayName: person.displayName },
      links: { openapi: `${basePath}/${API_ROOT}/openapi.json`, reference: `${basePath}/help/api` },
    };
  }

  @Get('openapi.json')
  @Header('Vary', 'Accept-Language')
  @Api({ area: 'start', summary: 'api.openapi', scope: null, answer: { type: 'application/json', says: 'api.openapiAnswer' } })
  @Access('anyone')
  document(): OpenApiDocument {
    return this.openApi.document();
  }
}
