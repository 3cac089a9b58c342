import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { AppConfig } from '../../common/config/app-config';
import { InvalidInputError } from '../../common/errors';
import { isProbe } from './probes';

/**
 * Refuses requests under names that are not ours. A page of evil.test whose name is suddenly resolved to this machine ("DNS
 * rebinding") would otherwise count as same-origin. Addresses are safe: nobody can make a name out of them.
 */
export function checkHost(config: AppConfig): RequestHandler {
  const names = allowedNames(config);
  const acceptsAddresses = config.settings.PUBLIC_URL === undefined;
  return (request: Request, _response: Response, next: NextFunction) => {
    const name = hostName(request.host);
    if (isProbe(request) || names.has(name) || (acceptsAddresses && isIP(name) !== 0)) return next();
    next(new InvalidInputError('errors.badHost', { host: name.slice(0, 100) || '?' }));
  };
}

function allowedNames(config: AppConfig): Set<string> {
  const { PUBLIC_URL, ALLOWED_HOSTS, REPORT_ORIGIN } = config.settings;
  const reports = REPORT_ORIGIN === undefined ? [] : [hostName(new URL(REPORT_ORIGIN).host)];
  const machine = hostname().toLowerCase();
  const own = PUBLIC_URL === undefined ? [machine, machine.split('.')[0], `${machine}.local`] : [hostName(new URL(PUBLIC_URL).host)];
  return new Set(['localhost', '127.0.0.1', '::1', ...own, ...reports, ...ALLOWED_HOSTS.map(hostName)]);
}

/** Lower case, without port, brackets and the dot of a full name. */
function hostName(host: string | undefined): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host ?? '') ?? [];
  return (bracketed ?? plain ?? '').toLowerCase().replace(/\.$/, '');
}
