import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import { Assets } from './assets';
import { createHelpers } from './helpers';
import { ViewEngine } from './view-engine';

const YEAR_SECONDS = 31_536_000;

/** Gives the application its templates (`views/`) and serves the files that pages load at `/assets`. Call it after the base path is stripped. */
export function registerViews(app: NestExpressApplication): void {
  const config = app.get(AppConfig);
  const assets = new Assets(join(config.home, 'dist', 'public'));
  const folder = join(config.home, 'views');
  const engine = new ViewEngine(folder, createHelpers(assets));
  app.engine('hbs', engine.express);
  app.setBaseViewsDir(folder);
  app.setViewEngine('hbs');
  serveAssets(app, assets);
}

/** The version in the path tells whether the answer may be kept for ever: a page of an older build must not pin today's file to its address. */
function serveAssets(app: NestExpressApplication, assets: Assets): void {
  const files = express.static(assets.folder, { index: false, redirect: false, dotfiles: 'ignore', cacheControl: false });
  app.use('/assets', (request: Request, response: Response, next: NextFunction) => {
    const [, version = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url) ?? [];
    if (!rest) return next();
    const current = version === assets.version;
    response.setHeader('Cache-Control', current ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
    const whole = request.url;
    request.url = rest;
    files(request, response, (error?: unknown) => {
      request.url = whole;
      response.removeHeader('Cache-Control');
      next(error);
    });
  });
}
