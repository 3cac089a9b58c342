import type { AuditEntry } from './audit-entry.entity';

/** Of a table of entries. */
export const AUDIT_COLUMNS = [
  'time',
  'actor',
  'actor_id',
  'action',
  'outcome',
  'object_kind',
  'object_id',
  'object',
  'address',
  'details',
] as const;

/** One row of such a table, as texts. */
export function auditRow(entry: AuditEntry): string[] {
  return [
    new Date(entry.atMs).toISOString(),
    entry.actorName,
    entry.actorId ?? '',
    entry.action,
    entry.outcome,
    entry.objectKind ?? '',
    entry.objectId ?? '',
    entry.objectName,
    entry.address,
    entry.details,
  ];
}

/** An entry for programs. */
export interface AuditRecord {
  id: number;
  /** ISO 8601. */
  time: string;
  actor: { id: string | null; name: string };
  action: string;
  outcome: AuditEntry['outcome'];
  object: { kind: string; id: string | null; name: string } | null;
  address: string;
  details: Record<string, unknown> | null;
}

export function auditRecord(entry: AuditEntry): AuditRecord {
  const { id, atMs, actorId, actorName, action, outcome, objectKind, objectId, objectName, address, details } = entry;
  return {
    id,
    time: new Date(atMs).toISOString(),
    actor: { id: actorId, name: actorName },
    action,
    outcome,
    object: objectKind && { kind: objectKind, id: objectId, name: objectName },
    address,
    details: details === '' ? null : (JSON.parse(details) as Record<string, unknown>),
  };
}
