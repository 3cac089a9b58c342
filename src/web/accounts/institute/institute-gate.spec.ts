import { readConfig } from '../../../common/config/app-config';
import { RateLimits } from '../../http/rate-limits';
import { SignUpRule } from '../sign-up-rule';
import { InstituteGate } from './institute-gate';

const PERSON = { source: 'oidc', issuer: 'https://sso.test', subject: '1', name: 'ana', displayName: 'Ana', groups: [] } as const;
const ADDRESS = 'ana@lab.test';
const DOMAINS = { SIGN_UP: 'domains', SIGN_UP_DOMAINS: 'lab.test' };

describe('an account of somebody of the institute', () => {
  const asks = (settings: Record<string, string>, email: string | null) => {
    const config = readConfig(settings);
    // Nobody of the institute comes by an invitation.
    return new InstituteGate(new SignUpRule(undefined as never, config), new RateLimits(), config).require(
      { ...PERSON, groups: [], email },
      'lab',
    );
  };

  it.each<[Record<string, string>, string | null]>([
    [{}, ADDRESS],
    [{}, null],
    [DOMAINS, ADDRESS],
    [{ SIGN_UP: 'closed', INSTITUTE_ACCOUNTS: 'all' }, ADDRESS],
    [{ SIGN_UP: 'invitation', INSTITUTE_ACCOUNTS: 'all' }, null],
    [{ ...DOMAINS, INSTITUTE_ACCOUNTS: 'all' }, null],
  ])('is made with %j and the address %s', async (settings, email) => {
    await expect(asks(settings, email)).resolves.toBeUndefined();
  });

  it.each<[Record<string, string>, string | null, string]>([
    [{ SIGN_UP: 'closed' }, ADDRESS, 'accounts.signUpClosed'],
    [{ SIGN_UP: 'closed' }, null, 'accounts.signUpClosed'],
    [{ SIGN_UP: 'invitation' }, ADDRESS, 'accounts.invitationOnly'],
    [DOMAINS, 'ana@else.test', 'accounts.otherDomain'],
    [DOMAINS, 'ana@evil.test@lab.test.evil.test', 'accounts.otherDomain'],
    [DOMAINS, null, 'institute.noAddress'],
  ])('is not made with %j and the address %s', async (settings, email, key) => {
    await expect(asks(settings, email)).rejects.toMatchObject({ key });
  });
});
