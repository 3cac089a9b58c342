import type { Request } from 'express';
import type { AppConfig } from '../../../common/config/app-config';
import type { IdentitySource } from '../../../common/identities/identity.entity';
import { text } from '../../../locales/text';

/** What the log-in page offers beside the password. */
export interface InstituteWays {
  /** Links to where the institute says who it is. */
  buttons: { path: string; source: IdentitySource; label: string }[];
  /** That the name and password of a directory open the form, too; null where there is none. */
  directory: string | null;
}

export function instituteWays({ settings }: AppConfig, request: Request): InstituteWays {
  const { OIDC_ISSUER, OIDC_TITLE, REMOTE_USER_HEADER, REMOTE_USER_TITLE, LDAP_URL, LDAP_TITLE } = settings;
  const buttons: InstituteWays['buttons'] = [];
  if (OIDC_ISSUER !== undefined) buttons.push({ path: '/login/oidc', source: 'oidc', label: logInWith(OIDC_TITLE) });
  if (REMOTE_USER_HEADER !== undefined) {
    const label = request.remoteUser ? text('institute.logInAs', { name: request.remoteUser.name }) : logInWith(REMOTE_USER_TITLE);
    buttons.push({ path: '/login/proxy', source: 'proxy', label });
  }
  if (LDAP_URL === undefined) return { buttons, directory: null };
  const directory = LDAP_TITLE === '' ? text('institute.directoryHelp') : text('institute.directoryHelpOf', { title: LDAP_TITLE });
  return { buttons, directory };
}

function logInWith(title: string): string {
  return title === '' ? text('institute.logIn') : text('institute.logInWith', { title });
}
