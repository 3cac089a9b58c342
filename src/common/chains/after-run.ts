import type { FileReference, OutputRule } from '../pipelines/manifest';

/** A run whose results another one takes, as the form of that one needs it. */
export interface AfterRun {
  runId: number;
  title: string;
  /** What its pipeline says that it gives. */
  outputs: readonly OutputRule[];
}

const PREFIX = 'after:';

/** Stands for results that there are not yet: `after:*.csv`. It becomes a reference to a file when the run before has succeeded. */
export function formatResultReference(glob: string): FileReference {
  return `${PREFIX}${glob}`;
}

/** The pattern of such a reference; null for any other text. */
export function resultGlobOf(reference: unknown): string | null {
  return typeof reference === 'string' && reference.startsWith(PREFIX) ? reference.slice(PREFIX.length) : null;
}
