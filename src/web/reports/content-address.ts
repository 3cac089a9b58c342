import type { Request } from 'express';
import type { AppConfig } from '../../common/config/app-config';

/** First segment of the addresses of files that a link opens. */
export const CONTENT = 'report-content';
export const SHARED = 'shared-file';

/** Hosts that a content policy can name with a path; addresses of IPv6 are none. */
const NAMEABLE = /^[\w.-]+(?::\d+)?$/;

/** Where pages of results are asked for: at REPORT_ORIGIN, or beside our own pages. @returns scheme, host, and the path before all others. */
export function contentRoot(config: AppConfig, request: Request): string {
  const { REPORT_ORIGIN } = config.settings;
  return REPORT_ORIGIN ?? `${originOf(request)}${config.basePath}`;
}

/** The origin as the browser sees it; `checkHost` has let the host pass. Policies take http for https as well. */
export function originOf(request: Request): string {
  return `${request.protocol}://${request.host}`;
}

/** An address in a content policy. */
export function policySource(address: string): string {
  return NAMEABLE.test(new URL(address).host) && !/[;,\s]/.test(address) ? address : "'self'";
}

/** Where people elsewhere reach us: the operator's word before the browser's. */
export function publicRoot(config: AppConfig, request: Request): string {
  return config.settings.PUBLIC_URL ?? `${originOf(request)}${config.basePath}`;
}
