import { localeOf } from './sentences.js';

/** What Intl is asked for on this page, by the language that the server wrote it in. */
export function pageLocale(): string {
  return localeOf(document.documentElement.lang);
}
