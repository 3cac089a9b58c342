import { AUDIT_KINDS, AUDIT_OUTCOMES, type AuditObjectKind, type AuditOutcome } from '../../../common/audit/audit-entry.entity';
import { isUuid } from '../../http/ids';

/** Areas of actions, in the order of the list. */
export const AREAS = [
  'account',
  'person',
  'group',
  'project',
  'files',
  'share',
  'run',
  'queue',
  'preset',
  'schedule',
  'webhook',
  'pipeline',
  'runner',
  'mail',
  'cleaner',
  'site',
] as const;
const LONGEST = 254;

/** Which entries an administrator wants to see, as the address of the page says it; '' for all. */
export interface AuditQuery {
  /** Id, address or name. */
  person: string;
  /** `project.rename`, or all of an area: `project.` */
  action: string;
  /** `run:12`, or all of a kind: `run` */
  object: { kind: AuditObjectKind; id?: string } | null;
  outcome: AuditOutcome | '';
  /** Days as `2026-11-26`, both included, by the clock of the server. */
  from: string;
  until: string;
  /** Entries older, or newer, than this one. */
  before: number | null;
  after: number | null;
}

/** Anything that is odd counts as absent. */
export function readAuditQuery(query: Readonly<Record<string, unknown>>): AuditQuery {
  const word = (name: string) => {
    const value = query[name];
    return typeof value === 'string' ? value.trim().slice(0, LONGEST).toWellFormed() : '';
  };
  const action = word('action');
  return {
    person: word('person'),
    action: /^[a-z]+\.[a-zA-Z-]*$/.test(action) ? action : '',
    object: objectIn(word('object')),
    outcome: AUDIT_OUTCOMES.find((one) => one === word('outcome')) ?? '',
    from: dayIn(word('from')),
    until: dayIn(word('until')),
    before: numberIn(word('before')),
    after: numberIn(word('after')),
  };
}

/** The query of a link to a page of the log. */
export function auditLink(query: Partial<AuditQuery>): Record<string, string | number | null> {
  const { object, before = null, after = null, person = '', action = '', outcome = '', from = '', until = '' } = query;
  const named = object ? `${object.kind}${object.id === undefined ? '' : `:${object.id}`}` : '';
  return { person, action, object: named, outcome, from, until, before, after };
}

/** The first moment of a day. */
export function dayBegins(day: string): number {
  return new Date(`${day}T00:00:00`).getTime();
}

/** The first moment of the day after it. */
export function dayEnds(day: string): number {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return date.getTime();
}

export function isId(person: string): boolean {
  return isUuid(person);
}

function objectIn(text: string): AuditQuery['object'] {
  const [kind = '', ...rest] = text.split(':');
  const known = AUDIT_KINDS.find((one) => one === kind);
  if (!known) return null;
  return rest.length === 0 ? { kind: known } : { kind: known, id: rest.join(':') };
}

function dayIn(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(dayBegins(text)) ? text : '';
}

function numberIn(text: string): number | null {
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
}
