import type { SectionKey } from '../frame/sections';

/** Something that waits for the administrator. */
export interface Concern {
  tone: 'bad' | 'warn';
  icon: string;
  heading: string;
  /** What it means, and what helps. */
  sentence: string;
  /** Since when, where that is known. */
  sinceMs: number | null;
  /** Where it is mended; null: elsewhere, as the sentence says. */
  section: SectionKey | null;
}
