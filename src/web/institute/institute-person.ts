import type { IdentitySource } from '../../common/identities/identity.entity';
import { isPlainAddress } from '../../common/users/email-address';

/** Somebody who has just shown to the institute who they are. */
export interface InstitutePerson {
  source: IdentitySource;
  /** Who says so: the issuer of OpenID Connect; `ldap` and `proxy` for the one that is set up. */
  issuer: string;
  /** What never changes of them there; at most 255 characters. */
  subject: string;
  /** Log-in name there. */
  name: string;
  displayName: string;
  /** One plain address in lower case that the institute vouches for; null: there is none. */
  email: string | null;
  /** As the institute names them. */
  groups: string[];
  /** Of their log-in there, where the provider has a name for it. */
  sid?: string;
}

const MOST_CHARACTERS = 255;

/** Whether it can be kept as it is: something, no longer than the column, without signs that nobody sees. */
export function isSubject(text: string): boolean {
  return text !== '' && text.length <= MOST_CHARACTERS && !/[\p{Cc}\p{Surrogate}]/u.test(text);
}

/** The first of them that is something, as long as the columns are. */
export function firstName(...names: (string | undefined)[]): string {
  return (names.find((name) => name !== undefined && name.trim() !== '') ?? '').trim().slice(0, MOST_CHARACTERS);
}

/** One plain address; null for anything else, a list and a name before it included. */
export function oneAddress(text: string | undefined): string | null {
  const address = (text ?? '').trim().toLowerCase();
  return isPlainAddress(address) ? address : null;
}
