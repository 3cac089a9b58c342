import { orderOfNumbers } from '../order';
import { ColumnComparer, StoredColumns } from './column-comparer';
import type { JoinedSide } from './join-task';
import { NO_ROW, PAIR_WORDS, type ColumnPair, type JoinShow, type JoinSort } from './join-tasks';

/** Which of the pairs are shown, in their order. @param pairs as a join leaves them. @returns their places. */
export function orderPairs(
  first: JoinedSide,
  second: JoinedSide,
  pairs: Uint32Array,
  { show, sort }: { show: JoinShow; sort: JoinSort },
): Uint32Array {
  const count = pairs.length / PAIR_WORDS;
  const places = new Uint32Array(count);
  let shown = 0;
  for (let place = 0; place < count; place += 1) if (isShown(pairs, place, show)) places[shown++] = place;
  const chosen = places.subarray(0, shown);
  if (sort === null) return chosen;
  const scores = sort === 'changes' ? changesOf(pairs) : differencesOf(first, second, pairs, sort);
  const order = orderOfNumbers(Float64Array.from(chosen, (place) => -scores[place]));
  return order.map((at) => chosen[at]);
}

function isShown(pairs: Uint32Array, place: number, show: JoinShow): boolean {
  if (show === 'all') return true;
  const [first, second, changes] = pairs.subarray(place * PAIR_WORDS, (place + 1) * PAIR_WORDS);
  if (show === 'first') return second === NO_ROW;
  if (show === 'second') return first === NO_ROW;
  return first !== NO_ROW && second !== NO_ROW && changes > 0 === (show === 'changed');
}

/** A row without a mate comes last. */
const ALONE = -1;

function changesOf(pairs: Uint32Array): Float64Array {
  return scoresOf(pairs, (place) => pairs[place * PAIR_WORDS + 2]);
}

/** What differs and is no number in both comes first. */
function differencesOf(first: JoinedSide, second: JoinedSide, pairs: Uint32Array, column: ColumnPair): Float64Array {
  let [rows, others] = [0, 0];
  for (let at = 0; at < pairs.length; at += PAIR_WORDS) {
    if (pairs[at] !== NO_ROW) rows = Math.max(rows, pairs[at] + 1);
    if (pairs[at + 1] !== NO_ROW) others = Math.max(others, pairs[at + 1] + 1);
  }
  const mates = new Uint32Array(others).fill(NO_ROW);
  for (let at = 0; at < pairs.length; at += PAIR_WORDS) if (pairs[at + 1] !== NO_ROW) mates[pairs[at + 1]] = pairs[at];
  const differences = new Float64Array(rows);
  const stored = new StoredColumns(first.dialect, [column.first], rows);
  first.scan(stored);
  const note = (row: number, _place: number, difference: number): void => {
    differences[row] = difference - difference === 0 ? Math.abs(difference) : Infinity;
  };
  second.scan(new ColumnComparer(second.dialect, stored, mates, [column], note));
  return scoresOf(pairs, (place) => differences[pairs[place * PAIR_WORDS]]);
}

function scoresOf(pairs: Uint32Array, score: (place: number) => number): Float64Array {
  const scores = new Float64Array(pairs.length / PAIR_WORDS);
  for (let place = 0; place < scores.length; place += 1) {
    const at = place * PAIR_WORDS;
    scores[place] = pairs[at] === NO_ROW || pairs[at + 1] === NO_ROW ? ALONE : score(place);
  }
  return scores;
}
