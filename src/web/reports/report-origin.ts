import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { AppConfig } from '../../common/config/app-config';
import { NotFoundError } from '../../common/errors';
import { CONTENT } from './content-address';

/**
 * Keeps REPORT_ORIGIN to pages of results and the one script that they need: no other route is there, and whatever cookies a browser sends
 * are taken away before anybody reads them. At our own address those pages are not there then.
 */
export function keepReportsApart(config: AppConfig): RequestHandler {
  const { REPORT_ORIGIN } = config.settings;
  const host = REPORT_ORIGIN === undefined ? null : new URL(REPORT_ORIGIN).host;
  return (request: Request, _response: Response, next: NextFunction) => {
    if (host === null) return next();
    const isContent = request.path.startsWith(`/${CONTENT}/`);
    const isApart = request.host?.toLowerCase() === host;
    if (isApart) delete request.headers.cookie;
    const isHere = isApart ? isContent || request.path.startsWith('/assets/') : !isContent;
    next(isHere ? undefined : new NotFoundError('errors.notFound'));
  };
}
