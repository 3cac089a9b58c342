import type { Application } from 'express';
import { text } from '../../../locales/text';
import { sectionAt, sectionsOf } from './sections';

/** What `partials/admin-navigation.hbs` shows beside every page of the area. */
export interface AdminNavigation {
  /** Of the part that is open. */
  here: string;
  entries: { path: string; icon: string; label: string; isHere: boolean }[];
}

/** @param path below the base path. @returns null for pages outside of the administration area. */
export function navigationAt(app: Application, path: string): AdminNavigation | null {
  const sections = sectionsOf(app);
  const here = sectionAt(sections, path);
  if (!here) return null;
  return {
    here: text(here.label),
    entries: sections.map((section) => ({ path: section.path, icon: section.icon, label: text(section.label), isHere: section === here })),
  };
}
