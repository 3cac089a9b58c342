import { resultGlobOf } from '../../common/chains/after-run';
import { parseFileReference } from '../../common/files/file-references';
import { showEntryName } from '../../common/files/entry-name';
import { formatBytes } from '../../browser/amounts';
import { formatNumber } from '../../locales/formats';
import { text } from '../../locales/text';
import type { FileChoice } from './input-files';
import { dayOf } from './rich-field.view';

export interface OptionGroup {
  /** '' for options that stand alone. */
  label: string;
  options: { value: string; label: string; detail: string; selected: boolean; isEmpty?: boolean }[];
  /** Where its options are boxes: whether they are out of sight at first. */
  isFolded: boolean;
  /** Of files: how many there are, and how many of them stand here: "9 files", "84 of 230 files". */
  amount?: string;
  /** Whether there are more of its files than stand here. */
  isCut?: boolean;
}

const AFTER_RESULTS = [
  ['own', 'run.groupOwn'],
  ['inbox', 'run.groupInbox'],
] as const;

/**
 * People's own files first, then the results of each run, newest first, then the inbox.
 * @param all the files out of which these are shown.
 */
export function fileGroups(files: readonly FileChoice[], chosen: readonly string[], all = files): OptionGroup[] {
  const totals = new Map([...Map.groupBy(all, placeOf)].map(([place, { length }]) => [place, length]));
  const groupOf = (label: string, members: readonly FileChoice[], isResult = false): OptionGroup => {
    const options = members.map(optionOf(chosen));
    const shown = options.length;
    const count = Math.max(shown, totals.get(members[0] ? placeOf(members[0]) : '') ?? 0);
    const amount =
      shown === count ? text('run.groupFiles', { count: shown }) : text('run.groupFilesOf', { shown, count: formatNumber(count) });
    return { label, options, isFolded: isResult && options.every(({ selected }) => !selected), amount, isCut: shown < count };
  };
  const of = (group: FileChoice['group']) => files.filter((file) => file.group === group);
  const after = of('after');
  return [
    groupOf(text('chains.groupAfter', { number: after[0]?.run?.number ?? 0 }), after),
    groupOf(text('run.groupProject'), of('project')),
    ...resultsByRun(of('results')).map((results) => groupOf(labelOf(results[0]?.run), results, true)),
    ...AFTER_RESULTS.map(([group, key]) => groupOf(text(key), of(group))),
  ].filter(({ options }) => options.length > 0);
}

/** Files with the same stand in one group. */
function placeOf({ group, run }: FileChoice): string {
  return group === 'results' ? `results ${run?.number ?? 0}` : group;
}

/** Those of no run that is known come last. */
function resultsByRun(results: readonly FileChoice[]): FileChoice[][] {
  const byRun = Map.groupBy(results, ({ run }) => run?.number ?? 0);
  return [...byRun].sort(([one], [other]) => other - one).map(([, members]) => members);
}

function labelOf(run: FileChoice['run']): string {
  if (!run) return text('run.groupResults');
  const { number, title, finishedMs } = run;
  if (finishedMs === null) return text('run.groupResultsOf', { number, title });
  return text('run.groupResultsOfDay', { number, title, day: dayOf(finishedMs) });
}

const LINK_WORDS = { same: 'run.linked', changed: 'run.linkedChanged', gone: 'run.linkedGone' } as const;

function optionOf(chosen: readonly string[]) {
  return ({ reference, label, size, link, run, group }: FileChoice) => {
    const selected = chosen.includes(reference);
    if (group === 'after') return { value: reference, label, detail: '', selected };
    const isEmpty = size === 0 && link === undefined;
    const detail = link === undefined ? formatBytes(size) : text(LINK_WORDS[link], { size: formatBytes(size) });
    return { value: reference, label: optionLabel({ label, run }), detail: isEmpty ? text('run.fileEmpty') : detail, selected, isEmpty };
  };
}

/** A file as menus name it. */
export function optionLabel({ label, run }: Pick<FileChoice, 'label' | 'run'>): string {
  return run ? text('run.resultOf', { name: label.slice(label.indexOf('/') + 1), number: run.number }) : label;
}

/** What was chosen and is not offered (any more) stays in the form, so that its error has something to point at. */
export function lostFiles(files: readonly FileChoice[], chosen: readonly string[]): OptionGroup[] {
  const offered = new Set(files.map((file) => file.reference));
  const lost = chosen.filter((reference) => reference !== '' && !offered.has(reference)).slice(0, 100);
  if (lost.length === 0) return [];
  const options = lost.map((reference) => ({ value: reference, label: nameOf(reference), detail: '', selected: true }));
  return [{ label: text('run.groupLost'), options, isFolded: false }];
}

function nameOf(reference: string): string {
  const glob = resultGlobOf(reference);
  if (glob !== null) return text('chains.resultsThatFit', { glob: glob.slice(0, 80) });
  try {
    return parseFileReference(reference).path.map(showEntryName).join('/');
  } catch {
    return reference.slice(0, 80);
  }
}
