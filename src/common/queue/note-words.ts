/**
 * Notes of runs in the language of who reads them. A note is stored as a sentence, in the language that the installation had when it was
 * written; it is recognised by the sentence that it was made of, in any language, and said again in the language of the moment. What
 * is not recognised, such as the words of a program, stays as it is.
 */
import { listed, sentencesInRow } from '../../locales/joined';
import { allLanguages } from '../../locales/languages';
import { currentLanguage, inLanguage, type Language } from '../../locales/language';
import { english, text, type TextKey, type TextValues } from '../../locales/text';

/** One sentence of one language, to be found again with its values. */
interface Template {
  key: TextKey;
  /** Before the first value: what does not begin with it need not be looked at. */
  start: string;
  pattern: RegExp;
  /** Characters that are no value: of two sentences that fit, the one that says more is meant. */
  weight: number;
}

interface Recognised {
  key: TextKey;
  values: TextValues;
}

/** Areas of which all sentences may stand in a note, and single ones of others. */
const AREAS = ['runner', 'slurm', 'docker'] as const;
const OTHERS =
  /^(?:queue\.(?:ended|cancelled|declaredLost|heldBy|takenOver|timeLimitReached|missingOutputs)|projects\.deletedMeanwhile|people\.cancelledSuspended|sweep\.cancelled|chains\.stopped|webhooks\.failure)/;
const OUTCOMES = [
  'notEnded',
  'saidError',
  'failedOnes',
  'notBegunOnes',
  'untoldOnes',
  'crashed',
  'cutLog',
  'unreadLog',
  'missing',
] as const;
const COUNTS = ['outcome.steps', 'outcome.rows'] as const;
/** Of a note longer than this, the rest is looked at as one. */
const MOST_ENDS = 12;
/** A sentence of which nearly everything is a value would fit anything. */
const LEAST_WEIGHT = 4;
/** Values that are sentences themselves. */
const NESTED = new Set(['reason', 'evidence', 'trouble']);
const PLACEHOLDER = /\{(\w+)(?:,\s*([^{}|]*\|[^{}]*))?\}/g;
const LONGEST = 1000;
const MOST_KEPT = 500;

const templates = new WeakMap<Language, readonly Template[]>();
const said = new Map<string, string>();

/** @param note as it is stored; null and '' give ''. */
export function noteInWords(note: string | null): string {
  if (!note) return '';
  if (note.length > LONGEST) return note;
  const { tag } = currentLanguage();
  const known = said.get(`${tag}\n${note}`);
  if (known !== undefined) return known;
  const words = translated(note);
  if (said.size >= MOST_KEPT) said.clear();
  said.set(`${tag}\n${note}`, words);
  return words;
}

/** The sentences that a note is made of, as far as they are recognised. */
export function noteKeys(note: string | null): TextKey[] {
  if (!note || note.length > LONGEST) return [];
  return piecesOf(note).flatMap((piece) => (typeof piece === 'string' ? [] : keysWithin(piece)));
}

function keysWithin({ key, values }: Recognised): TextKey[] {
  const nested = Object.entries(values).filter(([name]) => NESTED.has(name));
  return [key, ...nested.flatMap(([, value]) => noteKeys(String(value)))];
}

function translated(note: string): string {
  return sentencesInRow(...piecesOf(note).map((piece) => (typeof piece === 'string' ? counted(piece) : sentenceOf(piece))));
}

function sentenceOf({ key, values }: Recognised): string {
  const own = Object.entries(values).map(([name, value]) => [name, NESTED.has(name) ? translated(String(value)) : inList(name, value)]);
  return filled(key, Object.fromEntries(own) as TextValues);
}

/** A number that only chooses a form may not stand in the language of the note: then there are as many as names. */
function filled(key: TextKey, values: TextValues): string {
  const sentence = text(key);
  const places = [...sentence.matchAll(PLACEHOLDER)];
  const written = new Set(places.filter(([, , forms]) => forms === undefined).map(([, name]) => name));
  const count = String(values['names'] ?? '').split(/, |、|，/).length;
  const untold = places.map(([, name]) => name).filter((name) => !written.has(name) && !(name in values));
  return text(key, { ...values, ...Object.fromEntries(untold.map((name) => [name, count])) });
}

/** Parts of a run with their reasons: "Measure (it wrote no new cells.csv), Segment (exit 3)". */
function inList(name: string, value: string | number): string | number {
  if (name !== 'list') return value;
  return String(value).replace(/ ?\(([^()]*)\)|（([^（）]*)）/g, (whole, half?: string, full?: string) => {
    const found = recognise(half ?? full ?? '');
    return found ? text('outcome.oneWithReason', { title: '', reason: filled(found.key, found.values) }) : whole;
  });
}

/** "3 of 4 steps succeeded, 1 of 2 rows succeeded." has no words of its own around its parts. */
function counted(sentence: string): string {
  const end = /[.。]$/.exec(sentence);
  if (!end) return sentence;
  const parts = sentence
    .slice(0, -1)
    .split(/, |，/)
    .map((part) => recognise(part, COUNTS));
  const found = parts.filter((part) => part !== null);
  if (found.length < parts.length) return sentence;
  return text('outcome.counted', { counts: listed(found.map(({ key, values }) => text(key, values))) });
}

/** Sentences in a row, from the left; what is none of ours stays text. */
function piecesOf(note: string): (string | Recognised)[] {
  const whole = recognise(note);
  if (whole && !isSplitBetter(note)) return [whole];
  const ends = [...note.matchAll(/[.。:：)]\s/g)].slice(0, MOST_ENDS).map(({ index }) => index + 1);
  for (const end of ends) {
    const head = recognise(note.slice(0, end));
    if (head) return [head, ...piecesOf(note.slice(end + 1))];
  }
  if (whole) return [whole];
  const first = ends.find((end) => /[.。]/.test(note[end - 1]));
  return first === undefined ? [note] : [note.slice(0, first), ...piecesOf(note.slice(first + 1))];
}

/** A value in the middle of a sentence may swallow the sentences behind it: those that end of themselves come first. */
function isSplitBetter(note: string): boolean {
  return [...note.matchAll(/[.。]\s/g)]
    .slice(0, MOST_ENDS)
    .some(({ index }) => recognise(note.slice(0, index + 1)) && recognise(note.slice(index + 2)));
}

function recognise(sentence: string, only?: readonly TextKey[]): Recognised | null {
  let best: { template: Template; groups: Record<string, string> } | null = null;
  for (const template of allLanguages().flatMap(templatesOf)) {
    if (only ? !only.includes(template.key) : (COUNTS as readonly TextKey[]).includes(template.key)) continue;
    if (template.weight <= (best?.template.weight ?? 0) || !sentence.startsWith(template.start)) continue;
    const match = template.pattern.exec(sentence);
    if (match) best = { template, groups: match.groups ?? {} };
  }
  return best && { key: best.template.key, values: valuesOf(best.groups) };
}

/** A number that only chose a form is told by that form: one, or more. */
function valuesOf(groups: Record<string, string | undefined>): TextValues {
  const values: TextValues = {};
  for (const [name, value] of Object.entries(groups)) {
    if (value === undefined) continue;
    const form = /^(\w+?)__(\d+)_\d+$/.exec(name);
    if (!form) values[name] = value;
    else values[form[1]] ??= form[2] === '0' ? 1 : 2;
  }
  return values;
}

function templatesOf(language: Language): readonly Template[] {
  const known = templates.get(language);
  if (known) return known;
  const keys = [
    ...AREAS.flatMap((area) => Object.keys(english[area]).map((name) => `${area}.${name}` as TextKey)),
    ...OUTCOMES.map((name) => `outcome.${name}` as const),
    ...COUNTS,
    ...Object.entries(english).flatMap(([area, names]) =>
      Object.keys(names)
        .map((name) => `${area}.${name}` as TextKey)
        .filter((key) => OTHERS.test(key)),
    ),
  ];
  // Without values every placeholder stays where it is.
  const made = inLanguage(language, () => keys.map((key) => templateOf(key, text(key)))).filter(({ weight }) => weight >= LEAST_WEIGHT);
  templates.set(language, made);
  return made;
}

function templateOf(key: TextKey, sentence: string): Template {
  const seen = new Set<string>();
  let [source, at, weight, place] = ['', 0, 0, 0];
  for (const match of sentence.matchAll(PLACEHOLDER)) {
    const [whole, name, forms] = match;
    const literal = sentence.slice(at, match.index);
    weight += literal.length;
    source += escaped(literal) + (forms === undefined ? valuePattern(name, seen) : formsPattern(name, forms, (place += 1)));
    at = match.index + whole.length;
  }
  const end = sentence.slice(at);
  return {
    key,
    start: /^[^{]*/.exec(sentence)![0],
    pattern: new RegExp(`^${source}${escaped(end)}$`, 's'),
    weight: weight + end.length,
  };
}

function valuePattern(name: string, seen: Set<string>): string {
  if (seen.has(name)) return `\\k<${name}>`;
  seen.add(name);
  return `(?<${name}>.*?)`;
}

function formsPattern(name: string, forms: string, place: number): string {
  return `(?:${forms
    .split('|')
    .map((form, index) => `(?<${name}__${index}_${place}>${escaped(form)})`)
    .join('|')})`;
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
