import { extname } from 'node:path';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Assets } from './assets';

const YEAR_SECONDS = 31_536_000;

/**
 * Serves what `Assets` gives addresses for, mounted at `/assets`. The version in the path tells whether the answer may be kept for
 * ever: a page of an older build must not pin today's file to its address. What is not there is left to the next handler. Whoever can
 * unpack gets what the build packed.
 */
export function serveAssets(assets: Assets): RequestHandler {
  const files = express.static(assets.folder, { index: false, redirect: false, dotfiles: 'ignore', cacheControl: false });
  return (request: Request, response: Response, next: NextFunction) => {
    const [, version = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url) ?? [];
    if (!rest) return next();
    const whole = request.url;
    const before = response.getHeader('Cache-Control');
    const file = rest.split('?', 1)[0] ?? rest;
    const hasPacked = assets.isPacked(file.slice(1));
    const isPacked = hasPacked && request.headers.range === undefined && Boolean(request.acceptsEncodings('gzip'));
    request.url = isPacked ? `${file}.gz` : rest;
    if (hasPacked) response.vary('Accept-Encoding');
    // Set before, it is what the packed file is, and not `.gz`.
    if (isPacked) response.type(extname(file)).set('Content-Encoding', 'gzip');
    // The same for everybody, and needed by pages of results, whose origin has no name.
    const policy = response.getHeader('Cross-Origin-Resource-Policy');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    response.setHeader('Cache-Control', version === assets.version ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
    files(request, response, (error?: unknown) => {
      request.url = whole;
      if (isPacked) for (const name of ['Content-Encoding', 'Content-Type']) response.removeHeader(name);
      if (before === undefined) response.removeHeader('Cache-Control');
      else response.setHeader('Cache-Control', before);
      if (policy !== undefined) response.setHeader('Cross-Origin-Resource-Policy', policy);
      next(error);
    });
  };
}
