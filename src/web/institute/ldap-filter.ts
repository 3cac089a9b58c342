/** Signs that mean something in a filter (RFC 4515), and those that nobody types. */
const SPECIAL = /[\\*()\p{Cc}]/gu;

/** A text as it may stand in a filter of LDAP: as itself, whatever is in it. */
export function filterText(text: string): string {
  return text.replace(SPECIAL, (sign) => Buffer.from(sign).toString('hex').replace(/../g, '\\$&'));
}

/** Fills in a filter. @param values by the names that stand in braces; others stay as they are. */
export function fillFilter(filter: string, values: Readonly<Record<string, string>>): string {
  return filter.replace(/\{([a-z]+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? filterText(values[name]) : whole));
}
