import { readConfig } from './app-config';

const OIDC = { OIDC_ISSUER: 'https://sso.test/realms/lab', OIDC_CLIENT_ID: 'showrunner', PUBLIC_URL: 'http://lab.test' };
const LDAP = { LDAP_URL: 'ldaps://ldap.test', LDAP_BASE: 'dc=lab,dc=test' };
const PROXY = { REMOTE_USER_HEADER: 'X-Remote-User', REMOTE_USER_PROXIES: '192.0.2.7, fd00::/64' };

describe('the settings of the log-in with the institute', () => {
  it('are taken as they are meant', () => {
    const { settings } = readConfig({ ...OIDC, ...LDAP, ...PROXY, INSTITUTE_GROUPS: 'Staff = cn=staff,ou=g,dc=lab ;A b=/x=y' });
    expect(settings).toMatchObject({
      ...OIDC,
      LDAP_TLS: 'starttls',
      REMOTE_USER_HEADER: 'x-remote-user',
      INSTITUTE_ACCOUNTS: 'sign-up',
      INSTITUTE_GROUPS: [
        { here: 'Staff', there: 'cn=staff,ou=g,dc=lab' },
        { here: 'A b', there: '/x=y' },
      ],
    });
  });

  it.each<[Record<string, string>, string]>([
    [{ ...OIDC, OIDC_CLIENT_ID: '' }, 'OIDC_CLIENT_ID: name the client'],
    [{ ...OIDC, PUBLIC_URL: '' }, 'OIDC_ISSUER: set PUBLIC_URL as well'],
    [{ ...OIDC, OIDC_ISSUER: 'http://sso.test' }, 'OIDC_ISSUER: use https'],
    [{ ...OIDC, OIDC_ISSUER: 'sso.test' }, 'OIDC_ISSUER: "sso.test" is not an address'],
    [{ ...OIDC, OIDC_SCOPES: 'profile' }, 'OIDC_SCOPES: begin with openid'],
    [{ ...LDAP, LDAP_BASE: '' }, 'LDAP_BASE: say where'],
    [{ ...LDAP, LDAP_FILTER: '(uid=*)' }, 'LDAP_FILTER: write {login}'],
    [{ ...LDAP, LDAP_BIND_DN: 'cn=reader' }, 'LDAP_BIND_DN: set LDAP_BIND_PASSWORD as well'],
    [{ ...LDAP, LDAP_URL: 'http://ldap.test' }, 'LDAP_URL: "http://ldap.test" is not an address'],
    [{ REMOTE_USER_HEADER: 'X-Remote-User' }, 'list the addresses of the proxy that sets it in REMOTE_USER_PROXIES'],
    [{ ...PROXY, REMOTE_USER_PROXIES: '0.0.0.0/0' }, 'REMOTE_USER_PROXIES: list the addresses of your proxies'],
    [{ ...PROXY, REMOTE_USER_PROXIES: '::/0' }, 'REMOTE_USER_PROXIES: list the addresses of your proxies'],
    [{ ...PROXY, REMOTE_USER_HEADER: 'X_Remote_User' }, 'REMOTE_USER_HEADER: "X_Remote_User" is not'],
    [{ ...PROXY, REMOTE_USER_HEADER: 'Cookie' }, 'REMOTE_USER_HEADER: "Cookie" is not'],
    [{ ...PROXY, REMOTE_USER_HEADER: 'X-Forwarded-For' }, 'REMOTE_USER_HEADER: "X-Forwarded-For" is not'],
    [{ ...PROXY, REMOTE_USER_EMAIL_HEADER: 'x-remote-user' }, 'REMOTE_USER_HEADER: name a header of its own'],
    [{ REMOTE_USER_EMAIL_HEADER: 'X-Mail' }, 'REMOTE_USER_HEADER: set it as well'],
    [{ ...PROXY, REMOTE_USER_LOGOUT: 'javascript:alert(1)' }, 'REMOTE_USER_LOGOUT: write a path'],
    [{ INSTITUTE_GROUPS: 'staff' }, 'INSTITUTE_GROUPS: "staff" is not a list'],
    [{ INSTITUTE_GROUPS: 'a,b=staff' }, 'INSTITUTE_GROUPS: "a,b=staff" is not a list'],
    [{ INSTITUTE_GROUPS: 'sta\u202eff=staff' }, 'is no name of a group'],
  ])('refuse %j', (settings, fault) => expect(() => readConfig(settings)).toThrow(fault));
});
