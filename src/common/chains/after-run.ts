import { wildcardsIn } from '../pipelines/glob-walk';
import type { FileReference } from '../pipelines/manifest';

const PREFIX = 'after:';
/** Characters of a pattern. */
export const MOST_GLOB = 200;
/** Each of them makes a pattern slower to compare. */
export const MOST_WILDCARDS = 20;

/** Stands for results that there are not yet: `after:*.csv`. It becomes a reference to a file when the run before has succeeded. */
export function formatResultReference(glob: string): FileReference {
  return `${PREFIX}${glob}`;
}

/** The pattern of such a reference; null for any other text. */
export function resultGlobOf(reference: unknown): string | null {
  return typeof reference === 'string' && reference.startsWith(PREFIX) ? reference.slice(PREFIX.length) : null;
}

/** Whether a text may be such a pattern. */
export function isResultGlob(glob: string): boolean {
  return glob !== '' && glob.length <= MOST_GLOB && wildcardsIn(glob).length <= MOST_WILDCARDS;
}
