import type { Request } from 'express';
import type { AuditObject, Deed } from '../../../common/audit/audit-trail';
import type { AuditObjectKind } from '../../../common/audit/audit-entry.entity';
import type { AuditedAction } from './action-words';

/** One of several things that a request does, under the name that it has where it is done alone. */
export interface PartOfDeed {
  action: AuditedAction;
  details?: Deed['details'];
  /** @param tell adds details that are known then. */
  work(tell: (details: Deed['details']) => void): Promise<unknown>;
  isDone?: true;
}

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
  /** Each has an entry of its own, in place of one of the handler. */
  parts?: readonly PartOfDeed[];
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

/** Does one after the other. The audit log has to know of them before. */
export async function doParts(parts: readonly PartOfDeed[]): Promise<void> {
  for (const part of parts) {
    await part.work((details) => {
      part.details = { ...part.details, ...details };
    });
    part.isDone = true;
  }
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
