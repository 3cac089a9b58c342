import { personOfClaims } from './oidc-claims';

const SETTINGS = { OIDC_GROUPS_CLAIM: 'groups', OIDC_TRUST_EMAIL: false, OIDC_TITLE: '' };
const CLAIMS = {
  iss: 'https://sso.test',
  sub: 'a-1',
  email: 'Ana@Lab.test',
  email_verified: true,
  name: 'Ana M.',
  preferred_username: 'ana',
};

describe('what a provider says of a person', () => {
  it('is who they are, what they are called, and what they belong to', () => {
    expect(personOfClaims({ ...CLAIMS, groups: ['staff', 7, null, '/lab'] }, SETTINGS)).toEqual({
      source: 'oidc',
      issuer: 'https://sso.test',
      subject: 'a-1',
      name: 'ana',
      displayName: 'Ana M.',
      email: 'ana@lab.test',
      groups: ['staff', '/lab'],
    });
  });

  it.each([[false], [undefined], ['false'], [1], ['yes'], [{}]])('holds no address where email_verified is %j', (email_verified) => {
    expect(personOfClaims({ ...CLAIMS, email_verified }, SETTINGS).email).toBeNull();
    expect(personOfClaims({ ...CLAIMS, email_verified }, { ...SETTINGS, OIDC_TRUST_EMAIL: true }).email).toBe('ana@lab.test');
  });

  it.each(['ana@lab.test, eve@evil.test', 'Ana <ana@lab.test>', 'ana@lab.test\r\nbcc: eve@evil.test', '"a b"@lab.test', '', 7])(
    'holds no address where it is %j',
    (email) => expect(personOfClaims({ ...CLAIMS, email }, SETTINGS).email).toBeNull(),
  );

  it('finds groups within other claims', () => {
    const nested = { ...CLAIMS, realm_access: { roles: ['admin'] }, 'https://lab/groups': 'staff' };
    expect(personOfClaims(nested, { ...SETTINGS, OIDC_GROUPS_CLAIM: 'realm_access.roles' }).groups).toEqual(['admin']);
    expect(personOfClaims(nested, { ...SETTINGS, OIDC_GROUPS_CLAIM: 'https://lab/groups' }).groups).toEqual(['staff']);
    expect(personOfClaims(nested, { ...SETTINGS, OIDC_GROUPS_CLAIM: 'realm_access.constructor.name' }).groups).toEqual([]);
  });

  it.each(['', 'a'.repeat(256), 'a\u0000b'])('is nobody with the subject %j', (sub) => {
    expect(() => personOfClaims({ ...CLAIMS, sub }, SETTINGS)).toThrow();
  });
});
