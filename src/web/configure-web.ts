import { createHmac } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import { ApiTokens } from '../common/api-tokens/api-tokens';
import { AppConfig } from '../common/config/app-config';
import { FactsRepository } from '../common/database/facts.repository';
import { StartupError } from '../common/errors';
import { UsersRepository } from '../common/users/users.repository';
import { limitApi } from './http/api-limits';
import { asSeenByBrowsers } from './http/base-path';
import { COOKIES } from './http/cookies';
import { checkOrigin, CsrfTokens } from './http/csrf';
import { checkHost } from './http/host-check';
import { speakLanguage } from './http/language';
import { OpenAnswers } from './http/open-answers';
import { isProbe } from './http/probes';
import { logRequests } from './http/request-log';
import { securityHeaders } from './http/security-headers';
import { keepGuestCookie } from './http/sessions/keep-guest-cookie';
import { readPerson } from './http/sessions/read-person';
import { SessionStore } from './http/sessions/session-store';
import { isForPrograms } from './http/tokens/api-path';
import { readToken } from './http/tokens/read-token';
import { siteView, type SiteView } from './http/site.view';
import { exceptPrograms } from './http/tokens/except-programs';
import { viewLocals } from './http/view-locals';
import { keepToRemoteUser, readRemoteUser } from './institute/remote-user';
import { HttpMetrics } from './metrics/http-metrics';
import { keepReportsApart } from './reports/report-origin';
import { serveSite } from './site/serve-site';
import { readSiteIcon } from './site/site-icon';
import { openLanguages } from '../locales/languages';
import { exceptUploads } from './uploads/except-uploads';
import { compressPages } from './views/compress-pages';
import { registerViews } from './views/register-views';
import { EXIT_CONFIG } from '../common/exit-status';

/** Forms of pipelines may hold long texts and many fields; files come as multipart and are never parsed here. */
const BODY_LIMITS = { limit: '1mb', parameterLimit: 10_000, depth: 10 } as const;

/**
 * Everything between the socket and the handlers, in its order. Used by the entrypoint and by the tests, so that what is tested is what
 * runs. Create the application with `bodyParser: false`.
 */
export async function configureWeb(app: NestExpressApplication): Promise<void> {
  const config = app.get(AppConfig);
  const isHttps = config.settings.PUBLIC_URL?.startsWith('https:') ?? false;
  const icon = readSiteIcon(config.settings.SITE_ICON);
  const site = siteView(config, icon);
  configureExpress(app, config, site);

  app.use(app.get(OpenAnswers).watch, app.get(HttpMetrics).watch, logRequests, asSeenByBrowsers(config.basePath, isHttps));
  openLanguagesFor(config);
  app.use(compressPages(), speakLanguage(), viewLocals(await app.get(CsrfTokens).prepare(), config));
  app.use(...securityHeaders(isHttps));
  app.use(checkHost(config), keepReportsApart(config));
  app.use(readRemoteUser(config));
  app.use(serveSite(site, icon, registerViews(app), config.basePath));
  app.use(
    await sessions(app, config, isHttps),
    readPerson(app.get(UsersRepository), config),
    keepToRemoteUser,
    readToken(app.get(ApiTokens)),
  );
  app.use(keepGuestCookie(config.settings.GUEST_DAYS));
  app.use(...limitApi(config));
  app.use(checkOrigin(config));
  app.use(
    exceptUploads(exceptPrograms(express.urlencoded({ extended: true, ...BODY_LIMITS }))),
    exceptUploads(express.json({ limit: BODY_LIMITS.limit })),
  );
}

function openLanguagesFor(config: AppConfig): void {
  const logger = new Logger('Languages');
  for (const fault of openLanguages(config.settings)) logger.warn(fault);
}

function configureExpress(app: NestExpressApplication, config: AppConfig, site: SiteView): void {
  app.disable('x-powered-by');
  app.set('query parser', 'extended');
  trustProxies(app, config.trustedProxies);
  // What every page has, whoever looks.
  Object.assign(expressOf(app).locals, { basePath: config.basePath, site });
}

function expressOf(app: NestExpressApplication): express.Application {
  return app.getHttpAdapter().getInstance();
}

function trustProxies(app: NestExpressApplication, proxies: readonly string[]): void {
  try {
    app.set('trust proxy', proxies.length === 0 ? false : [...proxies]);
  } catch (error) {
    throw new StartupError(
      `TRUST_PROXY: ${(error as Error).message}; list addresses such as 192.0.2.7, 10.0.0.0/8 or loopback.`,
      EXIT_CONFIG,
    );
  }
}

async function sessions(app: NestExpressApplication, config: AppConfig, isHttps: boolean): Promise<RequestHandler> {
  const signingKey = await app.get(FactsRepository).signingKey();
  const read = session({
    name: COOKIES.session,
    secret: createHmac('sha256', signingKey).update('session-cookie').digest('hex'),
    store: app.get(SessionStore),
    resave: false,
    saveUninitialized: false,
    // Without an end of its own: it goes with the browser, and by SESSION_IDLE and SESSION_MOST on the server.
    cookie: { httpOnly: true, sameSite: 'lax', secure: isHttps, path: config.basePath || '/' },
  });
  return (request, response, next) => (isProbe(request) || isForPrograms(request) ? next() : void read(request, response, next));
}
