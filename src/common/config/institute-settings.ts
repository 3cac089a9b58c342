import { z } from 'zod';
import { setting } from './setting';
import { directoryGroups, duration, file, groupPairs, headerName, issuer, ldapAddress, networks, onOff } from './values';

const line = z.string().min(1);
const title = z.string().max(60, 'at most 60 characters');

/** People whom systems of the institute know: OpenID Connect, LDAP, and a proxy that logs people in. In the order of `.env.example`. */
export const INSTITUTE_SETTINGS = {
  INSTITUTE_ACCOUNTS: setting(
    z.enum(['sign-up', 'all']),
    'sign-up',
    'Who gets an account at the first log-in through OIDC, LDAP or REMOTE_USER: sign-up, whom SIGN_UP lets in; or all whom these let in. docs/institute-log-in.md.',
  ),
  INSTITUTE_ONLY_GROUPS: setting(
    directoryGroups,
    '',
    'Groups of the institute of whose members alone a log-in through it is taken, separated by semicolons; unset: everybody’s.',
  ),
  INSTITUTE_ADMIN_GROUPS: setting(
    directoryGroups,
    '',
    'Groups of the institute whose members are administrators, separated by semicolons; looked at with each log-in through it.',
  ),
  INSTITUTE_GROUPS: setting(
    groupPairs,
    '',
    'Groups here that follow groups of the institute with each log-in through it, as "microscopy=cn=microscopy,ou=groups,dc=lab; staff=/staff".',
  ),

  OIDC_ISSUER: setting(
    issuer.optional(),
    undefined,
    'Issuer of an OpenID Connect provider, exactly as it names itself; unset: there is none.',
  ),
  OIDC_TITLE: setting(title, '', 'What people call that log-in, for its button.'),
  OIDC_CLIENT_ID: setting(
    line.optional(),
    undefined,
    'Client that the provider knows; its redirect address is PUBLIC_URL/login/oidc/callback.',
  ),
  OIDC_CLIENT_SECRET: setting(line.optional(), undefined, 'Its secret; unset: a public client, which PKCE protects alone.'),
  OIDC_SCOPES: setting(
    z.string().regex(/^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'begin with openid'),
    'openid profile email',
    'What it is asked for.',
  ),
  OIDC_GROUPS_CLAIM: setting(line, 'groups', 'Claim with the groups of a person; a dot leads into an object, as in realm_access.roles.'),
  OIDC_TRUST_EMAIL: setting(
    onOff,
    'off',
    'Takes addresses for proved where the provider does not say email_verified; only where nobody can enter another’s address there.',
  ),
  OIDC_INSECURE: setting(onOff, 'off', 'Allows an issuer on plain http, where others on the network can read and change what it says.'),

  LDAP_URL: setting(
    ldapAddress.optional(),
    undefined,
    'Directory whose people log in here, as ldaps://host or ldap://host:389; unset: there is none.',
  ),
  LDAP_TITLE: setting(title, '', 'What people call the account that they have there, for the log-in page.'),
  LDAP_TLS: setting(z.enum(['starttls', 'off']), 'starttls', 'With ldap://: starttls, or off, which sends passwords in clear text.'),
  LDAP_CA_FILE: setting(
    file.optional(),
    undefined,
    'Certificate of the authority that signed the one of the directory, where the system does not know it.',
  ),
  LDAP_BIND_DN: setting(line.optional(), undefined, 'Name with which people are looked up; unset: anonymously.'),
  LDAP_BIND_PASSWORD: setting(line.optional(), undefined, 'Its password.'),
  LDAP_BASE: setting(line.optional(), undefined, 'Where people are looked up, such as ou=people,dc=lab,dc=org.'),
  LDAP_FILTER: setting(
    line,
    '(|(uid={login})(mail={login}))',
    'How: {login} is what was typed, safely written. Active Directory: (sAMAccountName={login}).',
  ),
  LDAP_ID: setting(line, 'entryUUID', 'Attribute that is a person’s own and never changes; Active Directory: objectGUID.'),
  LDAP_LOGIN: setting(line, 'uid', 'Attribute of the user name; Active Directory: sAMAccountName.'),
  LDAP_NAME: setting(line, 'cn', 'Attribute of the name that others see.'),
  LDAP_EMAIL: setting(line, 'mail', 'Attribute of the address, which counts as proved: people must not be able to change it themselves.'),
  LDAP_MEMBER_OF: setting(line, 'memberOf', 'Attribute with the groups of a person.'),
  LDAP_GROUP_BASE: setting(line.optional(), undefined, 'Where groups are looked up instead, for directories without such an attribute.'),
  LDAP_GROUP_FILTER: setting(
    line,
    '(|(member={dn})(uniqueMember={dn})(memberUid={login}))',
    'How: {dn} is the name of the person’s entry, {login} the user name.',
  ),
  LDAP_TIMEOUT: setting(duration('1s', '60s'), '5s', 'How long the directory may take for each answer.'),

  REMOTE_USER_HEADER: setting(
    headerName.optional(),
    undefined,
    'Header in which a proxy that logs people in says who it is, such as X-Remote-User; unset: none is read. Wants REMOTE_USER_PROXIES.',
  ),
  REMOTE_USER_PROXIES: setting(networks, '', 'Addresses of the proxies from which alone that header is read, separated by commas.'),
  REMOTE_USER_TITLE: setting(title, '', 'What people call that log-in, for its button.'),
  REMOTE_USER_NAME_HEADER: setting(headerName.optional(), undefined, 'Header with the name that others see.'),
  REMOTE_USER_EMAIL_HEADER: setting(headerName.optional(), undefined, 'Header with the address, which counts as proved.'),
  REMOTE_USER_GROUPS_HEADER: setting(headerName.optional(), undefined, 'Header with the groups, separated by semicolons.'),
  REMOTE_USER_LOGOUT: setting(
    z
      .string()
      .regex(/^(\/(?![/\\])|https?:\/\/)\S*$/, 'write a path such as /Shibboleth.sso/Logout, or an address')
      .optional(),
    undefined,
    'Path or address that ends the log-in at the proxy, too; it is offered after a log-out here.',
  ),
};
