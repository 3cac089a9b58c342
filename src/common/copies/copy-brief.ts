/** What the task of a copy has to know; all names are addresses (`formatEntryPath`). */
export interface CopyBrief {
  /** In which the entries lie. */
  folder: string;
  names: string[];
  to: string;
  onConflict: 'keepBoth' | 'skip';
}
