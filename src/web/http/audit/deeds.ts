import type { Request } from 'express';
import type { AuditObject, Deed } from '../../../common/audit/audit-trail';
import type { Project } from '../../../common/projects/project.entity';
import type { Run } from '../../../common/queue/run.entity';

/** What a handler adds to the entry of its request. */
export interface DeedNote {
  /** What it was done to, where that is not the run or the project of the address. */
  object?: AuditObject;
  details?: Deed['details'];
  /** The request came to nothing, and says so on a page. */
  isRefused?: true;
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

/** The run or the project that a route names. */
export function objectOf({ run, project }: { run?: Run | undefined; project?: Project | undefined }): AuditObject | null {
  if (run) return { kind: 'run', id: run.id, name: run.pipelineTitle };
  return project ? { kind: 'project', id: project.id, name: project.name } : null;
}
