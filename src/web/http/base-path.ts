import type { NextFunction, Request, RequestHandler, Response } from 'express';

/**
 * Makes a request look the same whether a reverse proxy strips the path of PUBLIC_URL or not: routes see `url` without it, everybody
 * who looks at `originalUrl` (cookies by path, redirects) sees it. Under an https PUBLIC_URL the request counts as secure, because the
 * operator says so; otherwise a proxy that forgets X-Forwarded-Proto would lock everybody out of `Secure` cookies.
 */
export function asSeenByBrowsers(basePath: string, isHttps: boolean): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    request.url = strip(request.url, basePath);
    request.originalUrl = `${basePath}${request.url}`;
    if (isHttps) Object.defineProperty(request, 'secure', { value: true });
    next();
  };
}

function strip(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}
