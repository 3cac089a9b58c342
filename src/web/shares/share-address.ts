import type { Request } from 'express';
import type { AppConfig } from '../../common/config/app-config';

/** The link that opens what is shared. Without a public address people get the one by which the owner came. */
export function shareAddress(
  { settings, basePath, publicUrl }: AppConfig,
  request: Pick<Request, 'protocol' | 'host'>,
  secret: string,
): string {
  const site = settings.PUBLIC_URL === undefined ? `${request.protocol}://${request.host}${basePath}` : publicUrl;
  return `${site}/shared/${secret}`;
}
