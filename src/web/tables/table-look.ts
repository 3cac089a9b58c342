import { Injectable } from '@nestjs/common';
import { text, type TextKey } from '../../locales/text';
import { arePlaces, frequentView, histogramView, scatterView } from './chart.view';
import type { Measures } from './engine/tasks';
import type { Patience } from './shared-work';
import { shownNumber } from './shown-number';
import { TableFacts, type AskedTable } from './table-facts';
import type { TableLinks } from './table-links';
import type { TableAsk } from './table-query';
import type { ColumnView, LookView } from './table.view';

/** One column of a table, looked at closely: its figures, and a histogram, or a scatter against another. */
@Injectable()
export class TableLook {
  constructor(private readonly facts: TableFacts) {}

  /** @param names of all columns that are known, by their number. @returns null when none is picked. */
  async view(
    asked: AskedTable,
    ask: TableAsk,
    links: TableLinks,
    known: { columns: ColumnView[]; names: ReadonlyMap<number, string> },
    patience: Patience,
  ): Promise<LookView | null> {
    const { x, y, sort } = ask;
    if (x === null) return null;
    const outcome = await this.facts.measures(asked, ask.filters, { x, y }, patience);
    const nameOf = (column: number) => known.names.get(column) ?? text('tables.columnNumber', { number: column + 1 });
    const measures = outcome.state === 'done' ? outcome.value : null;
    const isSortedByIt = sort?.column === x;
    return {
      name: nameOf(x),
      against: y === null ? null : nameOf(y),
      close: links.to({ x: null, y: null }),
      facts: measures && factsOf(measures),
      median: ask.filters.length === 0 ? (measures?.numbers?.quartiles[1] ?? null) : null,
      working: outcome.state === 'working' ? Math.round(outcome.done * 100) : null,
      refusal: outcome.state === 'refused' ? outcome.reason.message : null,
      histogram:
        y === null && measures?.bars && measures.numbers ? withFilters(histogramView(measures.bars, measures.numbers), x, links) : null,
      frequent:
        y === null && measures ? frequentView(measures.frequent).map((one) => ({ ...one, filter: links.filtered(x, one.filter) })) : [],
      scatter: measures?.cloud ? scatterView(measures.cloud, y !== null && arePlaces(nameOf(x), nameOf(y))) : null,
      others: known.columns
        .filter(({ numeric, number }) => measures?.numbers && numeric && number - 1 !== x)
        .map(({ number, name }) => ({ number, name: name || nameOf(number - 1), isPicked: number - 1 === y })),
      x: x + 1,
      asText: isSortedByIt ? { address: links.select({ sort: { ...sort, asText: !sort.asText } }), isOn: sort.asText } : null,
    };
  }
}

function withFilters(view: NonNullable<LookView['histogram']>, column: number, links: TableLinks): LookView['histogram'] {
  return { ...view, bars: view.bars.map((bar) => ({ ...bar, filter: links.filtered(column, bar.filter) })) };
}

function factsOf({ rows, empty, texts, infinite, numbers, distinctTexts }: Measures): NonNullable<LookView['facts']> {
  const distinct = distinctTexts === null ? text('tables.many') : shownNumber(distinctTexts + (numbers?.distinct ?? 0));
  const fact = (term: string, value: string | null) => (value === null ? [] : [{ term, value }]);
  const few = (count: number) => (count > 0 ? shownNumber(count) : null);
  return [
    ...fact(text('tables.rowsFact'), shownNumber(rows)),
    ...fact(text('tables.distinctFact'), distinct),
    ...(numbers ? numberFacts(numbers) : []),
    ...fact(text('tables.emptyFact'), few(empty)),
    ...fact(text('tables.textsFact'), numbers ? few(texts) : null),
    ...fact(text('tables.infiniteFact'), few(infinite)),
  ];
}

/** In pairs, as they stand beside one another. */
function numberFacts({
  low,
  high,
  tails,
  quartiles,
  mean,
  deviation,
}: NonNullable<Measures['numbers']>): { term: string; value: string }[] {
  const facts: [TextKey, number | null][] = [
    ['tables.lowFact', low],
    ['tables.highFact', high],
    ['tables.tailLowFact', tails[0]],
    ['tables.tailHighFact', tails[1]],
    ['tables.quarterFact', quartiles[0]],
    ['tables.threeQuartersFact', quartiles[2]],
    ['tables.medianFact', quartiles[1]],
    ['tables.meanFact', mean],
    ['tables.deviationFact', deviation],
  ];
  return facts.flatMap(([term, value]) => (value === null ? [] : [{ term: text(term), value: shownNumber(value) }]));
}
