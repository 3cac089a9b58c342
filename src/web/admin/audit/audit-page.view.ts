import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import type { AuditEntry } from '../../../common/audit/audit-entry.entity';
import { AuditSearch } from '../../../common/audit/audit-search';
import { AuditRepository, type AuditFilter } from '../../../common/audit/audit.repository';
import { UsersRepository } from '../../../common/users/users.repository';
import { listed } from '../../../locales/joined';
import { text, type TextKey } from '../../../locales/text';
import { address } from '../../views/helpers';
import { actionInWords, detailsInWords, kindInWords } from './audit-words';
import { AREAS, auditLink, dayBegins, dayEnds, isId, type AuditQuery } from './audit-query';

const PER_PAGE = 50;

const AREA_WORDS: Record<(typeof AREAS)[number], TextKey> = {
  account: 'audit.areaAccount',
  person: 'audit.areaPerson',
  group: 'audit.areaGroup',
  project: 'audit.areaProject',
  files: 'audit.areaFiles',
  share: 'audit.areaShare',
  run: 'audit.areaRun',
  queue: 'audit.areaQueue',
  preset: 'audit.areaPreset',
  schedule: 'audit.areaSchedule',
  webhook: 'audit.areaWebhook',
  pipeline: 'audit.areaPipeline',
  runner: 'audit.areaRunner',
  mail: 'audit.areaMail',
  cleaner: 'audit.areaCleaner',
  site: 'audit.areaSite',
};
/** Where the page of a thing is. */
const PAGES: Partial<Record<string, string>> = { run: '/runs', project: '/projects', person: '/admin/people', group: '/admin/groups' };

/** What `views/admin/audit.hbs` shows. */
export interface AuditView {
  title: string;
  entries: EntryRow[];
  /** What is typed into the field for people. */
  who: string;
  from: string;
  until: string;
  actions: { value: string; word: string; isChosen: boolean }[];
  outcomes: { value: string; word: string; isChosen: boolean }[];
  /** The one thing that the list is about, in words; '' for all. */
  object: string;
  objectValue: string;
  isNarrowed: boolean;
  /** Addresses below the base path; null where there are no more. */
  newer: string | null;
  older: string | null;
  csv: string;
  json: string;
  keptDays: number;
}

interface EntryRow {
  id: number;
  atMs: number;
  actorId: string | null;
  actorName: string;
  action: string;
  /** As exports and commands name it. */
  actionCode: string;
  actionPath: string;
  objectKind: string;
  objectName: string;
  objectPath: string | null;
  /** The log of this thing alone. */
  objectLog: string | null;
  address: string;
  details: string;
  /** '' for what was done. */
  outcome: string;
  isBad: boolean;
}

/** The audit log, a page at a time. */
@Injectable()
export class AuditPage {
  constructor(
    private readonly repository: AuditRepository,
    private readonly search: AuditSearch,
    private readonly users: UsersRepository,
    private readonly config: AppConfig,
  ) {}

  async filterOf({ person, action, object, outcome, from, until }: AuditQuery): Promise<AuditFilter> {
    const actor = await this.search.actorOf(person);
    return {
      ...(actor ? { actor } : {}),
      ...(action === '' ? {} : { action }),
      ...(object ? { object } : {}),
      ...(outcome === '' ? {} : { outcome }),
      ...(from === '' ? {} : { sinceMs: dayBegins(from) }),
      ...(until === '' ? {} : { untilMs: dayEnds(until) }),
    };
  }

  async show(query: AuditQuery): Promise<AuditView> {
    const filter = await this.filterOf(query);
    const { entries, hasNewer, hasOlder } = await this.page(filter, query);
    const people = await this.peopleIn(entries);
    const plain = { ...query, before: null, after: null };
    const link = (over: Partial<AuditQuery>) => address('/admin/audit', [], auditLink({ ...plain, ...over }));
    const exported = (format: string) => address('/admin/audit/export', [], { ...auditLink(plain), format });
    const { object } = query;
    return {
      title: text('admin.audit'),
      entries: entries.map((entry) => rowOf(entry, people)),
      who: isId(query.person) ? ((await this.users.findById(query.person))?.displayName ?? query.person) : query.person,
      from: query.from,
      until: query.until,
      actions: actionsWith(query.action),
      outcomes: (['done', 'refused', 'failed'] as const).map((value) => ({
        value,
        word: text(`audit.${value}`),
        isChosen: value === query.outcome,
      })),
      object: object ? `${kindInWords(object.kind)} ${object.id ?? ''}`.trim() : '',
      objectValue: String(auditLink(query)['object'] ?? ''),
      isNarrowed: Object.values(auditLink(plain)).some((value) => value !== '' && value !== null),
      newer: hasNewer ? link({ after: entries[0].id }) : null,
      older: hasOlder ? link({ before: entries.at(-1)!.id }) : null,
      csv: exported('csv'),
      json: exported('jsonl'),
      keptDays: this.config.settings.AUDIT_DAYS,
    };
  }

  /** Names of people whose ids stand in details: the log itself keeps no names there, since nothing blanks those. */
  private async peopleIn(entries: readonly AuditEntry[]): Promise<ReadonlyMap<unknown, string>> {
    const ids = entries.map(({ details }) => detailsIn(details)['person']).filter((id) => typeof id === 'string' && isId(id));
    const people = await this.users.findByIds([...new Set(ids as string[])]);
    return new Map(people.map(({ id, displayName }) => [id, displayName]));
  }

  private async page(
    filter: AuditFilter,
    { before, after }: AuditQuery,
  ): Promise<{ entries: AuditEntry[]; hasNewer: boolean; hasOlder: boolean }> {
    if (after !== null) {
      const found = await this.repository.listNewer(filter, after, PER_PAGE + 1);
      return { entries: found.slice(-PER_PAGE), hasNewer: found.length > PER_PAGE, hasOlder: found.length > 0 };
    }
    const found = await this.repository.list(filter, before, PER_PAGE + 1);
    return { entries: found.slice(0, PER_PAGE), hasNewer: before !== null && found.length > 0, hasOlder: found.length > PER_PAGE };
  }
}

/** The areas, and the one action where one is asked for. */
function actionsWith(chosen: string): AuditView['actions'] {
  const areas = AREAS.map((area) => ({ value: `${area}.`, word: text(AREA_WORDS[area]), isChosen: `${area}.` === chosen }));
  return chosen === '' || chosen.endsWith('.') ? areas : [...areas, { value: chosen, word: actionInWords(chosen), isChosen: true }];
}

function rowOf(entry: AuditEntry, people: ReadonlyMap<unknown, string>): EntryRow {
  const { id, atMs, actorId, actorName, action, objectKind, objectId, objectName, outcome, details } = entry;
  const page = objectKind === null ? undefined : PAGES[objectKind];
  return {
    id,
    atMs,
    actorId,
    actorName: actorName === '' ? text(actorId === null ? 'audit.nobody' : 'audit.gone') : actorName,
    action: actionInWords(action),
    actionCode: action,
    actionPath: address('/admin/audit', [], auditLink({ action })),
    objectKind: objectKind === null ? '' : kindInWords(objectKind),
    objectName: objectName === '' ? shortId(objectId ?? '') : objectKind === 'run' ? `#${objectId ?? ''} ${objectName}` : objectName,
    objectPath: page === undefined || objectId === null ? null : address(page, [objectId]),
    objectLog: objectKind && objectId ? address('/admin/audit', [], auditLink({ object: { kind: objectKind, id: objectId } })) : null,
    address: entry.address,
    details: listed(detailsInWords(detailsIn(details), people)),
    outcome: outcome === 'done' ? '' : text(`audit.${outcome}`),
    isBad: outcome !== 'done',
  };
}

/** Of a thing whose name was not written down. */
function shortId(id: string): string {
  return isId(id) ? `${id.slice(0, 8)}…` : id;
}

function detailsIn(details: string): Record<string, unknown> {
  return details === '' ? {} : (JSON.parse(details) as Record<string, unknown>);
}
