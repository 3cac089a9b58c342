import type { Digests } from '../digests/running-digest';
import type { FileIdentity } from '../files/file-identity';
import type { Amounts } from '../space/space.repository';
import type { TextKey, TextValues } from '../../locales/text';

/** What the pool and a program of a task say to each other, over the channel that Node makes between the two. */

/** From the pool: the first message, and the answer to each `need`. */
export type ToProgram = { begin: { brief: unknown; handles: number } } | { granted: true };

/** A file that lies complete in the staging folder, with the checksums of what was written. */
export interface WrittenFile {
  file: FileIdentity;
  digests: Digests;
}

export type FromProgram =
  | { progress: { done: Amounts; total: Amounts } }
  /** What it is going to write; it goes on when that is granted. */
  | { need: Amounts }
  | { written: WrittenFile[] }
  | { done: { result: unknown } }
  /** It will not work, for a reason that people should read. */
  | { refused: { key: TextKey; values: TextValues } }
  /** For the log. */
  | { broke: string };

/** Handle of the staging folder in the program; what the kind opened comes after it. */
export const STAGING_HANDLE = 3;
