import type { Request } from 'express';

const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

/** Probes come by whatever name the orchestrator knows, carry nobody's session, and must be answered when the database is away. */
export function isProbe(request: Request): boolean {
  return PROBES.has(request.path);
}
