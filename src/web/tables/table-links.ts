import { formatEntryPath, type EntryPath } from '../../common/files/entry-name';
import { address } from '../views/helpers';
import type { Filter } from './engine/filters';
import { parseCondition } from './engine/filters';
import { pairsOf, type TableAsk } from './table-query';

/** Addresses of one table, below the base path, each as the present one but for what is said. */
export class TableLinks {
  private readonly segments: [number, string, string];

  constructor(
    runId: number,
    path: EntryPath,
    private readonly ask: TableAsk,
    private readonly version: string,
  ) {
    this.segments = [runId, 'table', formatEntryPath(path)];
  }

  get bare(): string {
    return address('/runs', this.segments);
  }

  /** Another part of the same rows. The version goes along, so that a file that has changed meanwhile is told of. */
  to(over: Partial<TableAsk>): string {
    return address('/runs', this.segments, pairsOf({ ...this.ask, row: null, version: this.version, ...over }));
  }

  /** Other rows, or another order: from their first page. */
  select(over: Partial<TableAsk>): string {
    return this.to({ page: 1, version: null, ...over });
  }

  /** With one more condition on a column, in place of those it has. @param words as somebody would type them. */
  filtered(column: number, words: string): string {
    const condition = parseCondition(words);
    const others = this.without(column);
    return this.select({ filters: condition ? [...others, { column, condition }] : others });
  }

  without(column: number): Filter[] {
    return this.ask.filters.filter((filter) => filter.column !== column);
  }

  exported(): string {
    const { filters, sort } = this.ask;
    return address('/runs', this.segments, { ...pairsOf({ filters, sort }), export: 'csv' });
  }
}
