import type { SectionKey } from '../frame/sections';

/** Stands in a sentence for the time, which pages write so that it goes on: from the private area of Unicode, which no sentence uses. */
export const SINCE = '\uE000';

/** Something that waits for the administrator. */
export interface Concern {
  tone: 'bad' | 'warn';
  icon: string;
  heading: string;
  /** What it means, and what helps; with `SINCE` where its time stands. */
  sentence: string;
  /** Since when, where that is known. */
  sinceMs: number | null;
  /** Where it is mended; null: elsewhere, as the sentence says. */
  section: SectionKey | null;
}
