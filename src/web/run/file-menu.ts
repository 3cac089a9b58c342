import { accepts } from '../../common/pipelines/accept';
import type { FileReference, Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import { formatNumber } from '../../locales/formats';
import { text } from '../../locales/text';
import { amountsInWords } from '../projects/amounts-found';
import { optionLabel } from './file-groups';
import type { FileChoice } from './input-files';

/** As much of a page as its menus of files may take, so that it stays light however many files there are. */
export interface MenuSize {
  files: number;
  /** Of the references of files: long names leave room for fewer. */
  characters: number;
}

/** The files that a menu of a form holds out of all that fit its field. */
export interface FileMenu {
  files: FileChoice[];
  /** What was searched for; '' for nothing. */
  typed: string;
  /** Null where all of them are there, and nothing was searched for. */
  sentence: string | null;
}

export interface MenuState {
  size: MenuSize;
  /** What is searched for; '' for nothing. */
  typed: string;
  /** False where there are more files than were looked through. */
  isComplete: boolean;
}

/** Of one field. */
const MOST_FILES = 100;
const FEWEST_FILES = 20;
/** Of all fields of a form together. */
const MOST_IN_FORM = 200;
const MOST_CHARACTERS = 10_000;
export const LONGEST_SEARCH = 200;
/** Files that one button chooses at once. */
const MOST_TAKEN = 1000;

/** What each menu of a form may take. */
export function menuSize({ parameters }: Pick<Manifest, 'parameters'>): MenuSize {
  const fields = Math.max(1, parameters.flatMap(fileListsOf).length);
  const files = Math.max(FEWEST_FILES, Math.min(MOST_FILES, Math.floor(MOST_IN_FORM / fields)));
  return { files, characters: Math.floor(MOST_CHARACTERS / fields) };
}

/** The endings that each list of files in a field takes; none for any. */
function fileListsOf(parameter: Parameter): (readonly string[])[] {
  if (parameter.type === 'file' || parameter.type === 'files') return [parameter.accept];
  return parameter.type === 'table' ? parameter.columns.flatMap((column) => (column.type === 'file' ? [column.accept] : [])) : [];
}

/**
 * The files of one menu: those that are chosen, patterns for results, and the first of what fits. Each place where files lie gets its share.
 * @param all the files that the field takes.
 */
export function fileMenu(all: readonly FileChoice[], chosen: readonly string[], { size, typed, isComplete }: MenuState): FileMenu {
  const there = all.filter(({ group }) => group !== 'after');
  const fitting = typed === '' ? inTurn(there) : filesNamed(there, typed);
  const first = new Set(firstOf(fitting, size));
  const isChosen = new Set(chosen);
  const files = all.filter((file) => first.has(file) || file.group === 'after' || isChosen.has(file.reference));
  return { files, typed, sentence: sentenceOf(first.size, fitting, typed, isComplete) };
}

function sentenceOf(shown: number, fitting: readonly FileChoice[], typed: string, isComplete: boolean): string | null {
  const count = fitting.length;
  const all = formatNumber(count);
  if (typed === '') {
    if (!isComplete) return text('run.filesFirstOfMore', { shown });
    return shown === count ? null : text('run.filesFirst', { shown, all: amountsOf(fitting) });
  }
  if (count === 0) return text('run.filesNone', { typed });
  return shown === count ? text('run.filesFoundAllOf', { count, typed }) : text('run.filesFoundFirst', { shown, count: all, typed });
}

/** On the button that ticks what is found: while nothing is searched for, and else. */
export interface TakeWords {
  all: string;
  found: string;
}

/** @param files all that fit its field. */
export function takeWords(files: readonly FileChoice[]): TakeWords {
  const count = files.filter(({ group }) => group !== 'after').length;
  if (count <= MOST_TAKEN) return { all: text('run.takeAll', { count: formatNumber(count) }), found: text('run.takeFound') };
  const most = formatNumber(MOST_TAKEN);
  return { all: text('run.takeFirst', { most }), found: text('run.takeFoundFirst', { most }) };
}

function amountsOf(files: readonly FileChoice[]): string {
  const countOf = (...groups: FileChoice['group'][]) => files.filter(({ group }) => groups.includes(group)).length;
  return amountsInWords({ project: countOf('project'), results: countOf('results'), inbox: countOf('own', 'inbox') });
}

/** Files whose names hold all words, in any letters: the one that is meant exactly first, then those that begin with it. */
export function filesNamed(files: readonly FileChoice[], typed: string): FileChoice[] {
  const whole = typed.trim().toLowerCase();
  const words = whole.split(/\s+/).filter(Boolean);
  const ranked: FileChoice[][] = [[], [], []];
  for (const file of files) {
    const names = [optionLabel(file), file.label, file.name].map((name) => name.toLowerCase());
    if (!words.every((word) => names.some((name) => name.includes(word)))) continue;
    ranked[names.includes(whole) ? 0 : names.some((name) => name.startsWith(whole)) ? 1 : 2].push(file);
  }
  return ranked.flat();
}

/** Of each place one after the other; results of the newest run first. */
function inTurn(files: readonly FileChoice[]): FileChoice[] {
  const places = [...Map.groupBy(files, ({ group }) => group).values()].map((place) =>
    place.toSorted((one, other) => (other.run?.number ?? 0) - (one.run?.number ?? 0)),
  );
  const longest = Math.max(0, ...places.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => places.flatMap((place) => place.slice(index, index + 1))).flat();
}

/** At least one. */
function firstOf(files: readonly FileChoice[], size: MenuSize): FileChoice[] {
  const first = files.slice(0, size.files);
  let left = size.characters;
  const end = first.findIndex(({ reference }, index) => (left -= reference.length) < 0 && index > 0);
  return end === -1 ? first : first.slice(0, end);
}

/** Name of the field that holds what is searched for. */
export function searchField(parameter: string): string {
  return `find.${parameter}`;
}

/** What is searched for, by the names of parameters. */
export function searchesIn(form: unknown, { parameters }: Pick<Manifest, 'parameters'>): Record<string, string> {
  const fields = new Map(Object.entries((form ?? {}) as Record<string, unknown>));
  const searches = parameters.map(({ name }) => [name, fields.get(searchField(name))] as const);
  return Object.fromEntries(
    searches.flatMap(([name, typed]) =>
      typeof typed === 'string' && typed.trim() !== '' ? [[name, typed.trim().slice(0, LONGEST_SEARCH)]] : [],
    ),
  );
}

/**
 * Chooses all files that fit a field of several and what is searched for there.
 * @param entered gets them. @param take name of the parameter; '' for none.
 */
export function takeFound(
  { parameters }: Pick<Manifest, 'parameters'>,
  entered: Entered,
  { take, searches }: { take: string; searches: Readonly<Record<string, string>> },
  files: readonly FileChoice[],
): Entered {
  const parameter = parameters.find(({ name }) => name === take);
  if (parameter?.type !== 'files') return entered;
  const all = files.filter(({ name, group }) => group !== 'after' && accepts(parameter.accept, name));
  const found = filesNamed(all, searches[take] ?? '').slice(0, MOST_TAKEN);
  const before = [entered[take] ?? []].flat().filter((one): one is FileReference => typeof one === 'string' && one !== '');
  return { ...entered, [take]: [...new Set([...before, ...found.map(({ reference }) => reference)])] };
}

/** References of the files that fields hold; cells of tables name theirs. */
export function chosenIn({ parameters }: Pick<Manifest, 'parameters'>, entered: Entered): string[] {
  return parameters.flatMap(({ name, type }) => {
    if ((type !== 'file' && type !== 'files') || !Object.hasOwn(entered, name)) return [];
    return [entered[name] ?? []].flat().filter((one): one is FileReference => typeof one === 'string' && one !== '');
  });
}

/** The endings that a field or the column `table.column` takes; null where that takes no files. */
export function endingsOf({ parameters }: Pick<Manifest, 'parameters'>, field: string): readonly string[] | null {
  const [name, ofColumn] = field.split('.');
  const parameter = parameters.find((one) => one.name === name);
  if (parameter?.type === 'table') {
    const column = parameter.columns.find((one) => one.name === ofColumn);
    return column?.type === 'file' ? column.accept : null;
  }
  if (ofColumn !== undefined || !parameter) return null;
  return parameter.type === 'file' || parameter.type === 'files' ? parameter.accept : null;
}
