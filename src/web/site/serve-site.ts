import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { SiteView } from '../http/site.view';
import type { Assets } from '../views/assets';
import type { SiteIcon } from './site-icon';
import { webManifest, type ManifestIcon } from './web-manifest';

const YEAR_SECONDS = 31_536_000;
const DAY_SECONDS = 86_400;
/** An SVG may hold scripts, links and style sheets of others: opened by itself it is a picture and nothing else. */
const PICTURE_ONLY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/** What browsers ask for of a site rather than of a page: its sign, `/favicon.ico` and the web manifest. Needs neither session nor database. */
export function serveSite(site: SiteView, icon: SiteIcon | null, assets: Assets, basePath: string): RequestHandler {
  const icons = icon ? [icon] : productIcons(assets);
  return (request: Request, response: Response, next: NextFunction) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    const { path } = request;
    if (path === '/manifest.webmanifest') return sendManifest(response, webManifest(site, basePath, icons));
    if (path === '/favicon.ico') return sendFavicon(response, icon, assets, basePath);
    if (icon && path.startsWith('/site-icon/')) return sendIcon(response, icon, path === icon.path);
    next();
  };
}

function productIcons(assets: Assets): ManifestIcon[] {
  return [
    { path: assets.path('img/mark.svg'), type: 'image/svg+xml', sizes: 'any' },
    { path: assets.path('img/mark-192.png'), type: 'image/png', sizes: '192x192' },
    { path: assets.path('img/mark-512.png'), type: 'image/png', sizes: '512x512' },
  ];
}

/** In the language of the one who asks. */
function sendManifest(response: Response, manifest: object): void {
  response.setHeader('Cache-Control', 'no-cache');
  response.type('application/manifest+json').send(JSON.stringify(manifest));
}

/** Browsers ask for this address by themselves where no page tells them another. */
function sendFavicon(response: Response, icon: SiteIcon | null, assets: Assets, basePath: string): void {
  response.setHeader('Cache-Control', `public, max-age=${DAY_SECONDS}`);
  response.redirect(302, `${basePath}${icon?.path ?? assets.path('img/favicon.ico')}`);
}

function sendIcon(response: Response, { type, body }: SiteIcon, isCurrent: boolean): void {
  response.setHeader('Cache-Control', isCurrent ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
  response.setHeader('Content-Security-Policy', PICTURE_ONLY);
  response.type(type).send(body);
}
