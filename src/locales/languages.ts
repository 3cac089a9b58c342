/**
 * The languages that there are: those that come along, each a folder beside `en` with the same files, and those that the administrator
 * drops into LANGUAGES_DIR. A sentence that a language lacks, or has with other placeholders, is said in English.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { localeOf } from '../browser/sentences';
import { ENGLISH, inLanguage, setDefaultLanguage, type Language, type Sentences } from './language';
import { english, text, type TextKey } from './text';

/** Where a person chooses among them. */
export interface LanguageName {
  tag: string;
  /** In the language itself: "English", "中文". */
  name: string;
}

export interface ReadLanguage {
  sentences: Record<string, Record<string, string>>;
  /** What could not be used, and where it stands. */
  faults: string[];
}

interface LanguageSettings {
  DEFAULT_LANGUAGE: string;
  LANGUAGES_DIR?: string | undefined;
}

const OWN_FOLDER = __dirname;
const model = english as Record<string, Record<string, string>>;

let languages: ReadonlyMap<string, Language> = new Map([[ENGLISH.tag, ENGLISH]]);

/**
 * Reads all languages, and makes DEFAULT_LANGUAGE that of everything that is not said to one person.
 * @returns what is wrong in the files, for the log; none of it keeps anything from starting.
 * @throws Error when there is no such default, with those that there are.
 */
export function openLanguages({ DEFAULT_LANGUAGE, LANGUAGES_DIR }: LanguageSettings): string[] {
  const faults: string[] = [];
  const found = new Map<string, Sentences>([[ENGLISH.tag, {}]]);
  for (const folder of [OWN_FOLDER, LANGUAGES_DIR]) {
    if (folder === undefined) continue;
    for (const tag of tagsIn(folder, faults)) {
      const read = readLanguage(folder, tag);
      faults.push(...read.faults);
      found.set(tag, merged(found.get(tag) ?? {}, read.sentences));
    }
  }
  for (const [tag, sentences] of found) if (tag !== ENGLISH.tag) faults.push(...shareMissing(tag, sentences));
  languages = new Map([...found].map(([tag, sentences]) => [tag, { tag, locale: localeOf(tag), sentences }]));
  const standard = find(DEFAULT_LANGUAGE);
  if (!standard) throw new Error(`there is no language ${DEFAULT_LANGUAGE}; there are ${[...languages.keys()].join(', ')}`);
  setDefaultLanguage(standard);
  return faults;
}

/** The first wish that can be met: "zh-Hans-CN" is met by "zh". @param wishes tags, the dearest first. */
export function chooseLanguage(wishes: readonly string[]): Language | undefined {
  return wishes.map(find).find((language) => language !== undefined);
}

/** Whether a text, such as a log, ends with a sentence in any language: it may have been written when another one was the default. */
export function endsWithSentence(written: string, key: TextKey): boolean {
  return [...languages.values()].some((language) => inLanguage(language, () => written.endsWith(text(key))));
}

/** Those that pages can speak; the same object as long as nothing is read anew. */
export function allLanguages(): Language[] {
  return [...languages.values()];
}

/** All languages, with their own names, in the order of their tags. */
export function languageNames(): LanguageName[] {
  return [...languages.keys()].sort().map((tag) => ({ tag, name: nameOf(tag) }));
}

/** One folder of sentences, checked against the English ones. */
export function readLanguage(folder: string, tag: string): ReadLanguage {
  const read: ReadLanguage = { sentences: {}, faults: [] };
  for (const file of readdirSync(join(folder, tag)).sort()) {
    if (file.endsWith('.json')) readArea(join(folder, tag, file), tag, file.slice(0, -'.json'.length), read);
  }
  return read;
}

/** `area.key` of every sentence that a language lacks. */
export function missingFrom(sentences: Sentences): string[] {
  return Object.entries(model).flatMap(([area, names]) =>
    Object.keys(names)
      .filter((name) => sentences[area]?.[name] === undefined)
      .map((name) => `${area}.${name}`),
  );
}

function tagsIn(folder: string, faults: string[]): string[] {
  try {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const tags = folders.map(({ name }) => name).filter((name) => !(folder === OWN_FOLDER && name === ENGLISH.tag));
    const bad = tags.filter((tag) => !isTag(tag));
    faults.push(...bad.map((tag) => `${tag}: is not the tag of a language, such as de or pt-BR`));
    return tags.filter((tag) => !bad.includes(tag)).sort();
  } catch (error) {
    faults.push(`${folder}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
    return [];
  }
}

function isTag(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name)[0] === name;
  } catch {
    return false;
  }
}

function readArea(path: string, tag: string, area: string, { sentences, faults }: ReadLanguage): void {
  const known = Object.hasOwn(model, area) ? model[area] : undefined;
  if (!known) {
    faults.push(`${tag}: there is no area ${area}`);
    return;
  }
  const read = parse(path);
  if (typeof read === 'string') {
    faults.push(`${tag}: ${area}.json ${read}`);
    return;
  }
  const kept: Record<string, string> = {};
  for (const [name, sentence] of Object.entries(read)) {
    const fault = faultOf(Object.hasOwn(known, name) ? known[name] : undefined, sentence);
    if (fault === null) kept[name] = sentence as string;
    else faults.push(`${tag}: ${area}.${name} ${fault}`);
  }
  sentences[area] = kept;
}

/** @returns the values by name, or what is wrong with the file. */
function parse(path: string): Record<string, unknown> | string {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : 'holds no sentences by name';
  } catch (error) {
    return error instanceof SyntaxError ? `is not valid JSON (${error.message})` : `cannot be read (${(error as Error).message})`;
  }
}

function faultOf(original: string | undefined, sentence: unknown): string | null {
  if (original === undefined) return 'is not among the English sentences';
  if (typeof sentence !== 'string') return 'is not a text';
  const [wanted, given] = [placesOf(original), placesOf(sentence)];
  const lost = wanted.plain.filter((name) => !given.all.includes(name));
  const strange = given.all.filter((name) => !wanted.all.includes(name));
  if (/[{}]/.test(sentence.replaceAll(PLACE, ''))) return 'has a brace that is not closed';
  if (lost.length > 0) return `lacks {${lost.join('}, {')}}`;
  return strange.length > 0 ? `has {${strange.join('}, {')}}, which is not given` : null;
}

const PLACE = /\{(\w+)(,[^{}|]*\|[^{}]*)?\}/g;

/** A name that only chooses among forms may be left out: not every language has forms. */
function placesOf(sentence: string): { plain: string[]; all: string[] } {
  const places = [...sentence.matchAll(PLACE)];
  return {
    plain: [...new Set(places.filter(([, , forms]) => forms === undefined).map(([, name]) => name))],
    all: [...new Set(places.map(([, name]) => name))],
  };
}

function shareMissing(tag: string, sentences: Sentences): string[] {
  const missing = missingFrom(sentences);
  if (missing.length === 0) return [];
  const shown = missing.slice(0, 3).join(', ');
  return [`${tag}: ${missing.length} sentences are missing and are said in English: ${shown}${missing.length > 3 ? ', …' : ''}`];
}

function merged(one: Sentences, other: Sentences): Sentences {
  const areas = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...areas].map((area) => [area, { ...one[area], ...other[area] }]));
}

function find(wish: string): Language | undefined {
  const parts = wish.toLowerCase().split('-');
  for (let count = parts.length; count > 0; count -= 1) {
    const wanted = parts.slice(0, count).join('-');
    for (const [tag, language] of languages) if (tag.toLowerCase() === wanted) return language;
  }
  return undefined;
}

function nameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: 'language', languageDisplay: 'standard' }).of(tag) ?? tag;
}
