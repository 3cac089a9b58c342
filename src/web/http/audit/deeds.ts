import type { Request } from 'express';
import type { AuditObject, Deed } from '../../../common/audit/audit-trail';
import type { AuditObjectKind } from '../../../common/audit/audit-entry.entity';

/** What a handler adds to the entry of its request. */
export interface DeedNote {
  /** What it was done to, where that is not the run or the project of the address. */
  object?: AuditObject;
  details?: Deed['details'];
  /** It was not allowed, and a page says so. */
  isRefused?: true;
  /** It came to nothing, and a page says so. */
  hasFailed?: true;
  /** Nothing came of it that is worth an entry. */
  isNothing?: true;
}

const notes = new WeakMap<Request, DeedNote>();

/** Tells the audit log more about what this request does; later notes add to earlier ones. */
export function tellAudit(request: Request, note: DeedNote): void {
  const before = notes.get(request);
  notes.set(request, { ...before, ...note, details: { ...before?.details, ...note.details } });
}

export function toldOf(request: Request): DeedNote {
  return notes.get(request) ?? {};
}

/** What else a route may name by its id. */
const NAMED: readonly AuditObjectKind[] = ['group', 'pipeline', 'runner', 'mail', 'person'];

/** The run, the project or whatever else a route names. */
export function objectOf({ run, project, params }: Pick<Request, 'run' | 'project' | 'params'>): AuditObject | null {
  if (run) return { kind: 'run', id: run.id, name: run.pipelineTitle };
  if (project) return { kind: 'project', id: project.id, name: project.name };
  const kind = NAMED.find((one) => typeof params[one] === 'string');
  return kind ? { kind, id: String(params[kind]) } : null;
}
