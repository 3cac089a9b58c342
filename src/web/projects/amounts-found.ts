import { formatNumber } from '../../locales/formats';
import { listed } from '../../locales/joined';
import { text } from '../../locales/text';

/** How many files of each place could be inputs. */
export interface AmountsFound {
  project: number;
  results: number;
  inbox: number;
}

const WORDS = [
  ['project', 'run.amountProject'],
  ['results', 'run.amountResults'],
  ['inbox', 'run.amountInbox'],
] as const;

/** "14 files of this project, 230 results, 2 in the inbox"; '' for none at all. */
export function amountsInWords(amounts: AmountsFound): string {
  return listed(
    WORDS.map(([place, key]) => (amounts[place] === 0 ? '' : text(key, { count: amounts[place], number: formatNumber(amounts[place]) }))),
  );
}
