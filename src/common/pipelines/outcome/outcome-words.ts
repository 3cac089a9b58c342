import { listed } from '../../../locales/joined';
import { text } from '../../../locales/text';
import type { Count, OutcomeRecord, PartOutcome } from './outcome-record';

/** What the parts of a run say of the whole: all of them, some or none succeeded; null where it has none. */
export type Share = 'all' | 'some' | 'none' | null;

/** Named in a sentence; the page has all of them. */
const MOST_NAMED = 3;
const LONGEST_TITLE = 60;
const LONGEST_REASON = 120;

export function shareOf({ counts: { steps, rows } }: Pick<OutcomeRecord, 'counts'>): Share {
  const total = steps.total + rows.total;
  const done = steps.done + rows.done;
  if (total === 0) return null;
  return done === total ? 'all' : done === 0 ? 'none' : 'some';
}

/** "3 of 4 steps succeeded, 1 of 2 rows succeeded."; '' where there are neither. */
export function countsInWords({ counts: { steps, rows } }: Pick<OutcomeRecord, 'counts'>): string {
  const counted = [steps.total > 0 ? count('outcome.steps', steps) : '', rows.total > 0 ? count('outcome.rows', rows) : ''].filter(Boolean);
  return counted.length === 0 ? '' : text('outcome.counted', { counts: listed(counted) });
}

/** How many parts succeeded, and which did not and why. */
export function outcomeInWords(record: OutcomeRecord): string {
  const failed = [...record.steps, ...record.rows].filter(({ cause }) => cause !== null);
  const [notBegun, untold] = (['notBegun', 'untold'] as const).map((kind) => failed.filter(({ cause }) => cause === kind));
  const others = failed.filter((part) => !notBegun.includes(part) && !untold.includes(part));
  return [
    countsInWords(record),
    others.length > 0 ? text('outcome.failedOnes', { list: listOf(others, withReason) }) : '',
    notBegun.length > 0 ? text('outcome.notBegunOnes', { list: listOf(notBegun, titleOf) }) : '',
    untold.length > 0 ? text('outcome.untoldOnes', { list: listOf(untold, titleOf) }) : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Why a part did not succeed; '' for one that did. An error line tells more than what follows from it. */
export function reasonOf({ cause, error, missing }: PartOutcome): string {
  if (cause === null) return '';
  if (error && error.text !== '') return error.text;
  return text(`outcome.${cause}`, { names: missing.join(', ') });
}

function count(key: 'outcome.steps' | 'outcome.rows', { done, total }: Count): string {
  return text(key, { done, total });
}

function listOf(parts: readonly PartOutcome[], inWords: (part: PartOutcome) => string): string {
  const list = parts.slice(0, MOST_NAMED).map(inWords).join(', ');
  return parts.length > MOST_NAMED ? text('outcome.more', { list, count: parts.length - MOST_NAMED }) : list;
}

function withReason(part: PartOutcome): string {
  return text('outcome.oneWithReason', { title: titleOf(part), reason: shortened(reasonOf(part), LONGEST_REASON) });
}

function titleOf({ title }: PartOutcome): string {
  return shortened(title, LONGEST_TITLE);
}

function shortened(words: string, most: number): string {
  return words.length > most ? `${words.slice(0, most)}…` : words;
}
