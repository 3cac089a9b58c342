import type { Amount } from '../files/tree-walk';

export type { Amount };

/** One thing past its time. Found, then either measured (`--dry-run`) or removed: both see the same list. */
export interface Waste {
  /** For the line of `--dry-run` and for errors: what it is, in a few words. */
  what: string;
  /** The same for pages, in the language of the moment. */
  inWords?: () => string;
  /** Where it lies, or lay. */
  projectId?: string;
  /** How many things it stands for; 1 unless it is a number of rows. */
  count?: number;
  /** When it goes at the earliest, milliseconds since 1970. */
  dueMs?: number;
  /** Whose it is. */
  ownerId?: string;
  /** Of a run: its number. */
  runId?: number;
  measure(): Promise<Amount>;
  /** Removing again what is gone already does nothing: a cleaner that died is simply started again. */
  remove(): Promise<Amount>;
}

/** One kind of thing that goes. Each chore knows its own limit of age and never touches what is in use. */
export abstract class Chore {
  /** For the summary: "3 expired runs". */
  abstract readonly name: string;

  /** @param nowMs the database's time at which this cleaning began; a later one for a look ahead. */
  abstract find(nowMs: number): Promise<Waste[]> | AsyncIterable<Waste>;
}

export const NOTHING: Amount = { files: 0, bytes: 0 };
export const DAY_MS = 86_400_000;

/** Rows only: they free no files. */
export function rowsWaste(what: string, count: number, remove: () => Promise<unknown>): Waste[] {
  if (count === 0) return [];
  return [{ what: `${what}: ${count}`, count, measure: async () => NOTHING, remove: () => remove().then(() => NOTHING) }];
}

export function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce((total, one) => ({ files: total.files + one.files, bytes: total.bytes + one.bytes }), NOTHING);
}
