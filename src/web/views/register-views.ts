import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppConfig } from '../../common/config/app-config';
import { Assets } from './assets';
import { createHelpers } from './helpers';
import { serveAssets } from './serve-assets';
import { ViewEngine } from './view-engine';

/**
 * Gives the application its templates (`views/`) and serves the files that pages load at `/assets`. Call it after the base path is stripped.
 * @returns the addresses of these files.
 */
export function registerViews(app: NestExpressApplication): Assets {
  const { home } = app.get(AppConfig);
  const assets = new Assets(join(home, 'dist', 'public'));
  const folder = join(home, 'views');
  app.engine('hbs', new ViewEngine(folder, createHelpers(assets)).express);
  app.setBaseViewsDir(folder);
  app.setViewEngine('hbs');
  app.use('/assets', serveAssets(assets));
  return assets;
}
