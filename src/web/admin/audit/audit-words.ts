import type { AuditObjectKind } from '../../../common/audit/audit-entry.entity';
import { english, text, type TextKey } from '../../../locales/text';
import { ACTION_WORDS } from '../../http/audit/action-words';

/** Ids of people, projects and groups within a text. */
export const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const KINDS: Record<AuditObjectKind, TextKey> = {
  person: 'audit.kindPerson',
  project: 'audit.kindProject',
  run: 'audit.kindRun',
  runner: 'audit.kindRunner',
  group: 'audit.kindGroup',
  pipeline: 'audit.kindPipeline',
  share: 'audit.kindShare',
  mail: 'audit.kindMail',
  token: 'audit.kindToken',
  files: 'audit.kindFiles',
  site: 'audit.kindSite',
};

/** Names of the short values that a deed tells. */
const DETAILS: Partial<Record<string, TextKey>> = {
  person: 'audit.detailPerson',
  count: 'audit.detailCount',
  why: 'audit.detailWhy',
  role: 'audit.detailRole',
  who: 'audit.detailWho',
  steering: 'audit.detailSteering',
  runs: 'audit.detailRuns',
  reason: 'audit.detailReason',
  state: 'audit.detailState',
  note: 'audit.detailNote',
  sessions: 'audit.detailSessions',
  what: 'audit.detailWhat',
  keep: 'audit.detailKeep',
  purpose: 'audit.detailPurpose',
  project: 'audit.detailProject',
  pipeline: 'audit.detailPipeline',
  several: 'audit.detailSeveral',
  name: 'audit.detailName',
  mode: 'audit.detailMode',
  mails: 'audit.detailMails',
  kept: 'audit.detailKept',
  tooLate: 'audit.detailTooLate',
  done: 'audit.detailDone',
  left: 'audit.detailLeft',
  again: 'audit.detailAgain',
  side: 'audit.detailSide',
  other: 'audit.detailOther',
  failures: 'audit.detailFailures',
  cancelled: 'audit.detailCancelled',
  running: 'audit.detailRunning',
  host: 'audit.detailHost',
  schedule: 'audit.detailSchedule',
  token: 'audit.detailToken',
  scopes: 'audit.detailScopes',
  days: 'audit.detailDays',
  others: 'audit.detailOthers',
  source: 'audit.detailSource',
};

/** What somebody was let do in a project, as the page says it on which that is chosen. */
const ROLES: Partial<Record<string, TextKey>> = { read: 'members.read', run: 'members.run' };

/** What was done; of an action without words, such as one of a version that is gone, its name. */
export function actionInWords(action: string): string {
  const key = (ACTION_WORDS as Partial<Record<string, TextKey>>)[action];
  return key === undefined ? action : text(key);
}

export function kindInWords(kind: string): string {
  const key = (KINDS as Partial<Record<string, TextKey>>)[kind];
  return key === undefined ? kind : text(key);
}

/** `{"mode":"paused"}` as `mode: paused`. @param people names by id. */
export function detailsInWords(details: Readonly<Record<string, unknown>>, people: ReadonlyMap<string, string>): string[] {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => {
      const key = DETAILS[name];
      return text('audit.detail', {
        name: key === undefined ? name : text(key),
        value: valueInWords(name, value).replace(IDS, (id) => people.get(id) ?? id),
      });
    });
}

/** Why something was refused is told by the name of its sentence. */
function valueInWords(name: string, value: unknown): string {
  const role = name === 'role' ? ROLES[String(value)] : undefined;
  if (role !== undefined) return text(role);
  if (typeof value === 'boolean') return text(value ? 'queue.yes' : 'queue.no');
  const said = String(value);
  return isTextKey(said) ? text(said) : said;
}

function isTextKey(said: string): said is TextKey {
  const [area = '', name = ''] = said.split('.');
  const areas = english as Readonly<Record<string, Readonly<Record<string, string>>>>;
  return Object.hasOwn(areas, area) && Object.hasOwn(areas[area], name);
}
