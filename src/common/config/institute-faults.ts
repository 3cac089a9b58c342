import type { SettingValues } from './settings';

/** What cannot be meant of the settings by which people of an institute log in. */
export function instituteFaults(settings: SettingValues): string[] {
  return [...oidcFaults(settings), ...ldapFaults(settings), ...remoteUserFaults(settings), ...groupFaults(settings)];
}

function oidcFaults({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_INSECURE, PUBLIC_URL }: SettingValues): string[] {
  if (OIDC_ISSUER === undefined) return [];
  const faults: string[] = [];
  if (OIDC_CLIENT_ID === undefined) faults.push('OIDC_CLIENT_ID: name the client that the provider of OIDC_ISSUER has for this place');
  if (PUBLIC_URL === undefined)
    faults.push('OIDC_ISSUER: set PUBLIC_URL as well; the provider sends people back to PUBLIC_URL/login/oidc/callback');
  if (OIDC_ISSUER.startsWith('http:') && !OIDC_INSECURE)
    faults.push('OIDC_ISSUER: use https; where the provider has only plain http on your own network, set OIDC_INSECURE=on');
  return faults;
}

function ldapFaults(settings: SettingValues): string[] {
  const { LDAP_URL, LDAP_BASE, LDAP_FILTER, LDAP_BIND_DN, LDAP_BIND_PASSWORD } = settings;
  if (LDAP_URL === undefined) return [];
  const faults: string[] = [];
  if (LDAP_BASE === undefined) faults.push('LDAP_BASE: say where in the directory people are looked up, such as ou=people,dc=lab,dc=org');
  if (!LDAP_FILTER.includes('{login}')) faults.push('LDAP_FILTER: write {login} where the name belongs that was typed');
  // A name without a password would be taken for nobody in particular, and often let in.
  if ((LDAP_BIND_DN === undefined) !== (LDAP_BIND_PASSWORD === undefined))
    faults.push('LDAP_BIND_DN: set LDAP_BIND_PASSWORD as well, or neither of them');
  return faults;
}

function remoteUserFaults(settings: SettingValues): string[] {
  const { REMOTE_USER_HEADER, REMOTE_USER_PROXIES } = settings;
  const others = ['REMOTE_USER_NAME_HEADER', 'REMOTE_USER_EMAIL_HEADER', 'REMOTE_USER_GROUPS_HEADER'] as const;
  const named = others.flatMap((name) => settings[name] ?? []);
  if (REMOTE_USER_HEADER === undefined)
    return named.length > 0 ? ['REMOTE_USER_HEADER: set it as well; without it the other headers are not read'] : [];
  if (REMOTE_USER_PROXIES.length === 0)
    return [
      'REMOTE_USER_HEADER: list the addresses of the proxy that sets it in REMOTE_USER_PROXIES; anybody could say who they are otherwise',
    ];
  if (REMOTE_USER_PROXIES.some((network) => network.endsWith('/0')))
    return ['REMOTE_USER_PROXIES: list the addresses of your proxies; with all addresses anybody could say who they are'];
  const all = [REMOTE_USER_HEADER, ...named];
  return new Set(all).size < all.length ? ['REMOTE_USER_HEADER: name a header of its own for each of name, address and groups'] : [];
}

function groupFaults({ INSTITUTE_GROUPS }: SettingValues): string[] {
  const faults: string[] = [];
  for (const { here } of INSTITUTE_GROUPS)
    if (here.normalize('NFC') !== here || /[\p{Cc}\p{Bidi_Control}]/u.test(here))
      faults.push(`INSTITUTE_GROUPS: ${JSON.stringify(here)} is no name of a group`);
  return faults;
}
