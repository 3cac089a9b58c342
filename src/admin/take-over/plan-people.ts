import { parseEmail } from '../../common/users/email-address';
import type { OldRow } from './old-database';
import type { PersonPlan, Remark } from './plan';

export interface PeopleRules {
  /** Makes addresses of names that are none. */
  domain: string | null;
  hasIds: boolean;
  hasActive: boolean;
}

type Row = OldRow<'users'>;
type Draft = Omit<PersonPlan, 'accountId' | 'master'>;

const MOST_NAME = 100;
const MOST_KEY = 255;
const YES = /^(1|y|yes|t|true|on|active|admin|administrator)$/i;

/** Who would be taken over, and what is wrong with the others. */
export function draftPeople(rows: readonly Row[], rules: PeopleRules): { people: Draft[]; remarks: Remark[] } {
  const remarks: Remark[] = [];
  const drafts = rows.flatMap((row, index) => draftOf(row, index, rules, remarks) ?? []);
  const people = withoutSharers(drafts, remarks);
  tellOfCases(people, remarks);
  return { people, remarks };
}

function draftOf(row: Row, index: number, rules: PeopleRules, remarks: Remark[]): Draft | null {
  const left = (kind: string, sentence: string) => void remarks.push({ level: 'left', kind, sentence });
  const name = row.name?.trim() ?? '';
  const key = (rules.hasIds ? row.id : row.name) ?? '';
  if (name === '' || key === '' || key.length > MOST_KEY) {
    left('nameless', `Row ${index + 1} of the table of people has no ${name === '' ? 'name' : 'id that can be kept'}.`);
    return null;
  }
  const email = addressOf(row, name, rules.domain);
  const sha256 = row.hash?.trim().toLowerCase() ?? '';
  const isHash = /^[0-9a-f]{64}$/.test(sha256);
  const isActive = (row.active === null || !rules.hasActive || YES.test(row.active)) && !YES.test(row.disabled ?? '');
  if (!isHash) {
    const sentence = `${name}: the stored password is no SHA-256. The account has none here; "node dist/admin reset-link" makes a link to choose one.`;
    remarks.push({ level: 'note', kind: 'no password', sentence });
  }
  return {
    key,
    name,
    folders: [...new Set([row.id ?? name, name])],
    email,
    shown: shownName(row.shown ?? '', name),
    sha256: isHash ? sha256 : null,
    isActive,
    isAdmin: YES.test(row.admin ?? ''),
    registeredMs: row.registered === null ? null : Number(row.registered),
  };
}

function addressOf(row: Row, name: string, domain: string | null): string | null {
  const given = row.email?.trim() ?? '';
  const entered = given !== '' ? given : name.includes('@') || domain === null ? name : `${name}@${domain}`;
  try {
    return parseEmail(entered);
  } catch {
    return null;
  }
}

/**
 * Whether ADMIN_EMAILS would make an administrator here of somebody who was none there: what stands in the older table, they may have typed
 * themselves.
 */
export function isNamedOnly({ email, isAdmin }: Pick<PersonPlan, 'email' | 'isAdmin'>, adminEmails: readonly string[]): boolean {
  return !isAdmin && adminEmails.some((named) => named.toLowerCase() === email);
}

/** What others see: never the domain of an address. */
function shownName(given: string, name: string): string {
  const at = name.lastIndexOf('@');
  const shown = given.trim() === '' ? (at > 0 ? name.slice(0, at) : name) : given.trim();
  return shown
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/gu, ' ')
    .slice(0, MOST_NAME);
}

/** Whose is an account that two would log in to, nobody here can know. */
function withoutSharers(drafts: readonly Draft[], remarks: Remark[]): Draft[] {
  const groups = [...groupsOf(drafts, ({ name }) => name), ...groupsOf(drafts, ({ email, name }) => email ?? `${name}\n`)];
  const shared = groups.filter((group) => group.length > 1);
  for (const group of shared) {
    const [first] = group;
    const names = group.map(({ name, key }) => (name === key ? name : `${name} (id ${key})`)).join(', ');
    const what = new Set(group.map(({ name }) => name)).size === 1 ? `the name ${first?.name ?? ''}` : `the address ${first?.email ?? ''}`;
    remarks.push({
      level: 'left',
      kind: 'duplicate',
      sentence: `${names} have ${what} in common. Give each of them one of their own in the older table, and look again.`,
    });
  }
  const sharers = new Set(shared.flat());
  return drafts.filter((draft) => !sharers.has(draft));
}

function tellOfCases(people: readonly Draft[], remarks: Remark[]): void {
  for (const group of groupsOf(people, ({ name }) => name.toLowerCase())) {
    if (group.length < 2) continue;
    const names = group.map(({ name, email }) => `${name} (${email ?? 'no address'})`).join(', ');
    remarks.push({
      level: 'note',
      kind: 'case of people',
      sentence: `${names} differ only in capitals; each has an account of their own.`,
    });
  }
}

export function groupsOf<Item>(items: readonly Item[], by: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(by(item));
    if (group) group.push(item);
    else groups.set(by(item), [item]);
  }
  return [...groups.values()];
}
