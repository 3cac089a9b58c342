import type { AppConfig } from '../../../common/config/app-config';
import type { IdentitySource } from '../../../common/identities/identity.entity';
import { text } from '../../../locales/text';

/** What people call that log-in. */
export function sourceTitle(source: IdentitySource, { settings }: AppConfig): string {
  const title = { oidc: settings.OIDC_TITLE, ldap: settings.LDAP_TITLE, proxy: settings.REMOTE_USER_TITLE }[source];
  return title === '' ? text('institute.institute') : title;
}
