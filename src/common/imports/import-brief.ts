import type { InboxSource } from '../files/inbox-files';
import type { OnConflict } from '../files/put-in-place';

/** What the task of an import has to know; all names are addresses (`formatEntryPath`). */
export interface ImportBrief {
  source: InboxSource;
  /** In the inbox; the entries lie in it. */
  folder: string;
  names: string[];
  to: string;
  onConflict: OnConflict;
  /** Whether the originals go when everything has arrived. */
  moves: boolean;
  /** Display name of whoever asked for it. */
  by: string;
}
