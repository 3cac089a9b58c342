import { compileGlob } from './glob.js';

/**
 * What names that are picked or typed must be: of each there is exactly one among chosen files, or it is among the names of another field.
 * Server and browser decide it with this module.
 */
export type NameRule = { names: string[]; files: string; glob: string; unless?: string | undefined } | { names: string[]; among: string };

/** Sentences with places: `{name}`, and what else each tells. */
export interface NameWords {
  /** With `{other}`. */
  notAmong: string;
  /** With `{files}` and `{glob}`. */
  withoutFile: string;
  /** With `{found}`. */
  ofManyFiles: string;
  /** With `{other}` and `{file}`. */
  ofManyNames: string;
}

export interface NameChecks {
  rules: readonly NameRule[];
  /** Of the fields that the rules mention, by name. */
  labels: Readonly<Record<string, string>>;
  words: NameWords;
}

/** Sentences told of one field. */
const MOST_TOLD = 3;
const MOST_FILES_NAMED = 4;

/** What is wrong with the names in a field; a field breaks one rule at a time. @param textsOf what a field holds: names, or references of files. */
export function nameFaults(checks: NameChecks, textsOf: (field: string) => readonly string[]): { at: string; message: string }[] {
  const told = new Map<string, string>();
  for (const rule of checks.rules) {
    const faultOf = 'among' in rule ? amongFault(rule.among, checks, textsOf) : filesFault(rule, checks, textsOf);
    for (const field of rule.names) {
      const sentences = told.has(field) ? [] : textsOf(field).flatMap((name) => faultOf(name) ?? []);
      if (sentences.length > 0) told.set(field, [...new Set(sentences)].slice(0, MOST_TOLD).join(' '));
    }
  }
  return [...told].map(([at, message]) => ({ at, message }));
}

/** The fields that a rule looks at. */
export function fieldsOf(rule: NameRule): string[] {
  return [...rule.names, 'among' in rule ? rule.among : rule.files];
}

type FaultOf = (name: string) => string | undefined;

function amongFault(other: string, { labels, words }: NameChecks, textsOf: (field: string) => readonly string[]): FaultOf {
  const known = new Set(textsOf(other));
  return (name) => (known.size === 0 || known.has(name) ? undefined : filledIn(words.notAmong, { name, other: labels[other] ?? other }));
}

/** A name by which no file is found may stand inside of one that fits `unless`; one that fits several files, or that of another name, never does. */
function filesFault(
  rule: Extract<NameRule, { files: string }>,
  { labels, words }: NameChecks,
  textsOf: (field: string) => readonly string[],
): FaultOf {
  const files = textsOf(rule.files).map(fileNameIn);
  const mayBeInside = rule.unless !== undefined && files.some(compileGlob(rule.unless));
  const foundBy = new Map(rule.names.flatMap(textsOf).map((name) => [name, files.filter(globFor(rule.glob, name))]));
  return (name) => {
    const [found, ...others] = foundBy.get(name) ?? [];
    if (files.length === 0 || (found === undefined && mayBeInside)) return undefined;
    const glob = rule.glob.replace('{name}', () => name);
    if (found === undefined) return filledIn(words.withoutFile, { name, files: labels[rule.files] ?? rule.files, glob });
    const shown = [found, ...others].slice(0, MOST_FILES_NAMED).join(', ').replace(HIDDEN, '\u{fffd}');
    if (others.length > 0) return filledIn(words.ofManyFiles, { name, found: shown });
    const other = [...foundBy].find(([one, [only, ...more]]) => one !== name && only === found && more.length === 0)?.[0];
    if (other === undefined) return undefined;
    const [first = '', second = ''] = [name, other].sort();
    return filledIn(words.ofManyNames, { name: first, other: second, file: shown });
  };
}

/** As a shell matches on Linux: upper and lower case differ. The name stands for itself, whatever it holds. */
function globFor(pattern: string, name: string): (file: string) => boolean {
  const source = pattern
    .split(/(\*|\?|\{name\})/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : escaped(part === '{name}' ? name : part)))
    .join('');
  const regex = new RegExp(`^${source}$`, 'su');
  return (file) => regex.test(file);
}

function escaped(part: string): string {
  return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function filledIn(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}

const ENCODED = '~b64~';
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The name of a file in its reference: as the server spells names in addresses (see `entry-name.ts`). */
export function fileNameIn(reference: string): string {
  const last = reference.slice(Math.max(reference.lastIndexOf('/'), reference.indexOf(':')) + 1);
  return last.startsWith(ENCODED) ? decoded(last.slice(ENCODED.length)) : last;
}

function decoded(base64url: string): string {
  try {
    const bytes = Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  } catch {
    return base64url;
  }
}
