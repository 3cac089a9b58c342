import type { Request } from 'express';

/** Where a provider of OpenID Connect says that somebody has logged out there: by itself, without their browser. */
export const BACK_CHANNEL_PATH = 'login/oidc/back-channel-logout';

/** Whether a request comes from a provider. No cookie lets anybody in there: what is signed in the body is all that counts. */
export function isBackChannel({ path }: Pick<Request, 'path'>): boolean {
  return path === `/${BACK_CHANNEL_PATH}`;
}
