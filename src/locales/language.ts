/**
 * The language in which sentences are written just now: that of the person whose request is under way, else the one of the installation.
 * It travels with the asynchronous work of a request, so that nobody has to pass it on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { localeOf } from '../browser/sentences';

/** Sentences by area and name. */
export type Sentences = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

export interface Language {
  /** As in `<html lang>`: "en", "zh", "pt-BR". */
  tag: string;
  /** What Intl is asked for. */
  locale: string;
  /** What is not in here is said in English. */
  sentences: Sentences;
}

export const ENGLISH: Language = { tag: 'en', locale: localeOf('en'), sentences: {} };

const place = new AsyncLocalStorage<Language>();
let standard: Language = ENGLISH;

export function currentLanguage(): Language {
  return place.getStore() ?? standard;
}

/** Does the work, and all that it sets going, in a language. */
export function inLanguage<Result>(language: Language, work: () => Result): Result {
  return place.run(language, work);
}

/** For what others read, too: what is stored, or kept for the next who asks. */
export function inDefaultLanguage<Result>(work: () => Result): Result {
  return place.run(standard, work);
}

/** A function that is called later, by work of others, speaks the language of the moment in which it was made. */
export function keepLanguage<Values extends unknown[], Result>(work: (...values: Values) => Result): (...values: Values) => Result {
  const language = currentLanguage();
  return (...values) => place.run(language, () => work(...values));
}

export function setDefaultLanguage(language: Language): void {
  standard = language;
}
