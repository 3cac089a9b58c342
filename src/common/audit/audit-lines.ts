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

/** One line of JSON. */
export function auditJson(entry: AuditEntry): string {
  const { id, atMs, actorId, actorName, action, outcome, objectKind, objectId, objectName, address, details } = entry;
  return JSON.stringify({
    id,
    time: new Date(atMs).toISOString(),
    actor: { id: actorId, name: actorName },
    action,
    outcome,
    object: objectKind && { kind: objectKind, id: objectId, name: objectName },
    address,
    details: details === '' ? null : (JSON.parse(details) as unknown),
  });
}
