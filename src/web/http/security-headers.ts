import { randomBytes } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

const YEAR_SECONDS = 31_536_000;

/**
 * Headers that hold a page to what it is. Helmet's defaults are for https: `upgrade-insecure-requests` breaks every style sheet and
 * form on plain http, and `Referrer-Policy: no-referrer` makes browsers send `Origin: null` with our own forms. So each is set by hand,
 * and what needs https is sent under an https PUBLIC_URL only.
 */
export function securityHeaders(isHttps: boolean): RequestHandler[] {
  return [
    makeNonce,
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'none'"],
          'script-src': ["'self'", (_request, response) => `'nonce-${(response as Response).locals.nonce}'`],
          'style-src': ["'self'"],
          'img-src': ["'self'"],
          'font-src': ["'self'"],
          'connect-src': ["'self'"],
          'manifest-src': ["'self'"],
          'media-src': ["'self'"],
          'frame-src': ["'self'"],
          'base-uri': ["'none'"],
          'form-action': ["'self'"],
          'frame-ancestors': ["'none'"],
          ...(isHttps ? { 'upgrade-insecure-requests': [] } : {}),
        },
      },
      referrerPolicy: { policy: 'same-origin' },
      strictTransportSecurity: isHttps ? { maxAge: YEAR_SECONDS, includeSubDomains: false } : false,
      crossOriginOpenerPolicy: isHttps ? { policy: 'same-origin' } : false,
      originAgentCluster: isHttps,
      crossOriginResourcePolicy: { policy: 'same-origin' },
      xFrameOptions: { action: 'deny' },
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
    }),
    keepPagesPrivate,
  ];
}

/** Lets the frames of this page show nothing but what is below one address, wherever their content would like to go. */
export function frameOnly(response: Response, source: string): void {
  const policy = String(response.getHeader('Content-Security-Policy'));
  response.setHeader('Content-Security-Policy', policy.replace(/frame-src [^;]*/, `frame-src ${source}`));
}

function makeNonce(_request: Request, response: Response, next: NextFunction): void {
  response.locals.nonce = randomBytes(16).toString('base64url');
  next();
}

/** Pages are made for one person: after a log-out the back button must ask the server. Static files set their own header. */
function keepPagesPrivate(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}
