import type { Manifest, ParameterValues } from '../../common/pipelines/manifest';
import { filesIn } from '../../common/pipelines/value-files';
import { listed } from '../../locales/joined';
import { text } from '../../locales/text';
import type { FileChoice } from './input-files';

/** What a run would read. */
export interface AmountRead {
  count: number;
  bytes: number;
  /** A sentence that names files with nothing in them; '' for none. */
  empty: string;
}

const MOST_NAMED = 3;

/** @param values as far as they are known. @returns null where no file is chosen yet. */
export function amountRead({ parameters }: Manifest, values: ParameterValues, choices: readonly FileChoice[]): AmountRead | null {
  const chosen = new Set(filesIn(parameters, values));
  const read = choices.filter((choice) => chosen.has(choice.reference));
  if (read.length === 0) return null;
  const empty = read.filter(({ size, link, group }) => size === 0 && link === undefined && group !== 'after');
  const names = listed(empty.slice(0, MOST_NAMED).map(({ label }) => label)) + (empty.length > MOST_NAMED ? ' …' : '');
  return {
    count: read.length,
    bytes: read.reduce((sum, { size }) => sum + size, 0),
    empty: empty.length === 0 ? '' : text('run.emptyChosen', { count: empty.length, names }),
  };
}
