import type { SettingValues } from '../../common/config/settings';
import { InvalidInputError } from '../../common/errors';
import { firstName, type InstitutePerson, isSubject, oneAddress } from './institute-person';

/** What a provider says of a person: the claims of its id token, and of its userinfo. */
export type Claims = Readonly<Record<string, unknown>> & { iss: string; sub: string };

/** @throws InvalidInputError where nothing tells this person from others. */
export function personOfClaims(
  claims: Claims,
  { OIDC_GROUPS_CLAIM, OIDC_TRUST_EMAIL, OIDC_TITLE }: Pick<SettingValues, 'OIDC_GROUPS_CLAIM' | 'OIDC_TRUST_EMAIL' | 'OIDC_TITLE'>,
): InstitutePerson {
  const { iss: issuer, sub: subject } = claims;
  if (!isSubject(subject)) throw new InvalidInputError('institute.badAnswer', { title: OIDC_TITLE }, 'form');
  const said = (name: string) => (typeof claims[name] === 'string' ? claims[name] : undefined);
  // Some send it as a text. An address that nobody has proved says nothing, and is not taken at all.
  const isProved = OIDC_TRUST_EMAIL || claims['email_verified'] === true || claims['email_verified'] === 'true';
  const email = isProved ? oneAddress(said('email')) : null;
  const sid = said('sid');
  const name = firstName(said('preferred_username'), said('email'), subject);
  return {
    source: 'oidc',
    issuer,
    subject,
    name,
    displayName: firstName(said('name'), name),
    email,
    groups: groupsIn(claims, OIDC_GROUPS_CLAIM),
    ...(sid !== undefined && isSubject(sid) ? { sid } : {}),
  };
}

/** @param path name of the claim, or names with dots between them that lead into it. */
function groupsIn(claims: Claims, path: string): string[] {
  const names = Object.hasOwn(claims, path) ? [path] : path.split('.');
  let value: unknown = claims;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
    value = (value as Record<string, unknown>)[name];
  }
  const listed: unknown[] = Array.isArray(value) ? value : [value];
  return listed.filter((one) => typeof one === 'string');
}
