import { InvalidInputError } from '../errors';

const MOST_CHARACTERS = 254;
const MOST_BEFORE_AT = 64;
const BEFORE_AT = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * One plain address (RFC 5321 dot-atom@domain), in lower case and without surrounding blanks. Everything else that mail programs
 * understand (quoted parts, comments, groups, lists, line breaks) is refused, because each has been used to add recipients.
 * @throws InvalidInputError for the field `email`.
 */
export function parseEmail(entered: string): string {
  const address = entered.trim().toLowerCase();
  if (address === '') throw new InvalidInputError('accounts.emailMissing', {}, 'email');
  if (!isPlainAddress(address)) throw new InvalidInputError('accounts.emailBad', {}, 'email');
  return address;
}

/** What others see of somebody with this address: the part before the @, never the domain. */
export function displayNameOf(address: string): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** Whether it is an address of one of these domains; `*.example.org` stands for those below example.org. */
export function isOfDomain(address: string, domains: readonly string[]): boolean {
  const own = address.slice(address.lastIndexOf('@') + 1);
  return domains.some((domain) => (domain.startsWith('*.') ? own.endsWith(domain.slice(1)) : own === domain));
}

/** @param address in lower case. */
export function isPlainAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (at < 1 || address.length > MOST_CHARACTERS || local.length > MOST_BEFORE_AT) return false;
  return BEFORE_AT.test(local) && domain.split('.').every((label) => LABEL.test(label));
}
