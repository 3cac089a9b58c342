import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Run } from '../../common/queue/run.entity';
import { text } from '../../locales/text';
import { RunResults } from '../show/run-results';
import type { ColumnRange, TableIndex, TableSelection } from './engine/tasks';
import { openQuoteIn } from './find-dialect';
import { OpenTable } from './open-table';
import type { Outcome } from './shared-work';
import { shownNumber } from './shown-number';
import { columnViews, PAGE_COLUMNS, withMedian } from './table-columns';
import { TableFacts, type AskedTable, type Selection } from './table-facts';
import { TableImages, type TableImage } from './table-images';
import { TableLinks } from './table-links';
import { TableLook } from './table-look';
import { PAGE_ROWS, pageViews } from './table-pages';
import { selectionOf, type TableAsk } from './table-query';
import { SMALL_TABLE_BYTES } from './table-processes';
import { TableRows } from './table-rows';
import { conditionChips, fieldsOf, keptFields, type TablePageView } from './table.view';

export interface Visit {
  project: TablePageView['project'];
  /** Whether a link opened it, to somebody who may have no account. */
  isShared: boolean;
  /** A script asks, which comes back until all is done. */
  isPatient: boolean;
  signal: AbortSignal;
}

interface Found {
  index: Outcome<TableIndex> | null;
  selection: Outcome<TableSelection> | null;
  rows: string[][];
  /** Of each row, from 0; null where they follow one another from the first one of the page. */
  numbers: number[];
  /** The most cells that are known of a row. */
  columnCount: number;
  hasMore: boolean;
  /** Whether the rows had to wait for work that is not done. */
  isWaiting: boolean;
}

const SMALL_WAIT_MS = 1500;
/** Rows that are there already are not kept back for the figures of the whole table. */
const NO_WAIT_MS = 0;
const WAIT_MS = 1500;

/** The page of a table: the first rows at once, and any part of it, sorted and filtered, as soon as that is found. */
@Injectable()
export class TablePage {
  constructor(
    private readonly results: RunResults,
    private readonly facts: TableFacts,
    private readonly tableRows: TableRows,
    private readonly look: TableLook,
    private readonly images: TableImages,
  ) {}

  /** @throws NotFoundError when there is no such table; ConflictError when it changes while it is read. */
  async show(run: Run, path: EntryPath, asked: TableAsk, visit: Visit): Promise<TablePageView> {
    const results = await this.results.of(run);
    const table = await OpenTable.open(run.id, results, path);
    try {
      const { ask, missing } = await this.withRow({ table, results }, asked, visit);
      const view = await this.view(run, { table, results }, ask, visit);
      await table.checkUnchanged();
      return { ...view, missing: view.missing ?? missing };
    } finally {
      await table.close();
    }
  }

  /** Turns to the row that was asked for by its number or its key. */
  private async withRow(asked: AskedTable, ask: TableAsk, { signal }: Visit): Promise<{ ask: TableAsk; missing: string | null }> {
    if (!ask.key) return { ask: ask.row === null || selectionOf(ask) ? ask : { ...ask, page: pageOf(ask.row) }, missing: null };
    const { column, value } = ask.key;
    const found = await this.tableRows.findByKey(
      { runId: asked.table.runId, path: asked.table.path, results: asked.results, signal },
      column,
      value,
    );
    if (!found) return { ask, missing: text('tables.noSuchKey', { column, value }) };
    return { ask: { ...ask, filters: [], sort: null, row: found.row, page: pageOf(found.row) }, missing: null };
  }

  private async view(run: Run, asked: AskedTable, ask: TableAsk, visit: Visit): Promise<TablePageView> {
    const { table } = asked;
    const links = new TableLinks(run.id, table.path, ask, table.version);
    const found = await this.find(asked, ask, visit);
    const range = rangeOf(ask.firstColumn, found.columnCount);
    const index = found.index?.state === 'done' ? found.index.value : null;
    const names = await this.tableRows.names(table, range, visit.signal);
    const { hasHead } = table.dialect;
    const columns = columnViews({ range, names, hasHead, figures: index?.figures ?? [], rows: found.rows }, ask, links);
    const known = new Map(columns.map(({ number, name }) => [number - 1, name]));
    const selection = found.selection?.state === 'done' ? found.selection.value : null;
    const pageRows = selectionOf(ask) ? (selection?.rows ?? null) : (index?.rows ?? null);
    const patience = { waitMs: visit.isPatient || table.size <= SMALL_TABLE_BYTES ? WAIT_MS : NO_WAIT_MS, signal: visit.signal };
    const look = await this.look.view(asked, ask, links, { columns, names: known }, patience);
    const working = workingOf(found);
    const shown = table.path.map(showEntryName).join('/');
    const [image, heading] = [await this.images.of(run, asked.results, shown), await this.images.titleOf(run, shown)];
    const keyColumn = image ? columns.findIndex(({ name }) => name === image.key) : -1;
    return {
      title: text('tables.title', { name: heading, number: run.id }),
      heading,
      isEmpty: table.size === 0,
      pageClass: 'page-table',
      run: { id: run.id, pipelineTitle: titleInReadersWords(run) },
      project: visit.project,
      isShared: visit.isShared,
      file: fileView(table),
      action: links.bare,
      here: links.to({ row: ask.row }),
      isChanged: ask.version !== null && ask.version !== table.version,
      anew: links.select({}),
      rowCount: index?.rows ?? null,
      selectedCount: ask.filters.length > 0 ? (selection?.rows ?? null) : null,
      isSelected: selectionOf(ask) !== null,
      isExported: selectionOf(ask) !== null || !/\.csv$/i.test(table.name),
      columnCount: found.columnCount,
      working,
      busy: working !== null || (look !== null && look.working !== null),
      refusal: refusalOf(found),
      openQuote: openQuoteIn(table.head, table.isWhole, table.dialect),
      missing: ask.row !== null && index && ask.row > index.rows ? text('tables.noSuchRow', { row: ask.row }) : null,
      columns: withMedian(columns, ask.x, look?.median ?? null),
      keyColumn: keyColumn === -1 ? null : keyColumn,
      rows: found.rows.map((row, place) => {
        const number = found.numbers[place] + 1;
        const address = links.to({ row: number, filters: [], sort: null, page: 1, version: null });
        const cells = columns.map((_, column) => row[column] ?? '');
        return { number, address, isMarked: number === ask.row, cells, image: image && objectAddress(image, cells[keyColumn]) };
      }),
      chips: conditionChips(ask, known, links),
      clear: links.select({ filters: [] }),
      kept: keptFields(ask, range),
      allFields: fieldsOf({ ...ask, page: 1, row: null, version: table.version }),
      lookFields: fieldsOf({ ...ask, x: null, y: null, row: null, version: null }),
      ...pageViews({ ask, links, range, rows: pageRows, shown: found.rows.length, columns: found.columnCount, hasMore: found.hasMore }),
      look,
      exportAddress: links.exported(),
      exportWords: exportWords(ask, selection?.rows ?? null),
    };
  }

  private async find(asked: AskedTable, ask: TableAsk, visit: Visit): Promise<Found> {
    const { table } = asked;
    const { signal } = visit;
    const selection = selectionOf(ask);
    const isFirst = selection === null && ask.page === 1;
    const isSmall = table.size <= SMALL_TABLE_BYTES;
    const waitMs = isSmall ? SMALL_WAIT_MS : isFirst && !visit.isPatient ? NO_WAIT_MS : WAIT_MS;
    const [index, selected] = await Promise.all([
      this.facts.index(asked, { waitMs, signal }),
      selection && this.facts.selection(asked, selection, { waitMs, signal }),
    ]);
    signal.throwIfAborted();
    const isReady = index.state === 'done' && (!selected || selected.state === 'done');
    if (isReady) return this.anywhere(table, ask, { index, selection: selected }, selection, signal);
    const start = this.tableRows.start(table, rangeOf(ask.firstColumn, Infinity), isFirst ? PAGE_ROWS : 0);
    const columnCount = index.state === 'done' ? index.value.columns : start.columns;
    const numbers = start.rows.map((_, row) => row);
    return { index, selection: selected, rows: start.rows, numbers, columnCount, hasMore: start.hasMore, isWaiting: !isFirst };
  }

  private async anywhere(
    table: OpenTable,
    ask: TableAsk,
    outcomes: { index: Extract<Outcome<TableIndex>, { state: 'done' }>; selection: Outcome<TableSelection> | null },
    selection: Selection | null,
    signal: AbortSignal,
  ): Promise<Found> {
    const index = outcomes.index.value;
    const range = rangeOf(ask.firstColumn, index.columns);
    const from = (ask.page - 1) * PAGE_ROWS;
    const part = { index, from, count: PAGE_ROWS };
    const common = { ...outcomes, columnCount: index.columns, hasMore: false, isWaiting: false };
    if (selection) return { ...common, ...(await this.tableRows.orderedRows(table, { ...part, selection }, range, signal)) };
    const rows = await this.tableRows.rows(table, part, range, signal);
    return { ...common, rows, numbers: rows.map((_, place) => from + place) };
  }
}

/** Null for a cell that holds no number of an object. */
function objectAddress({ href }: TableImage, label: string | undefined): string | null {
  return label !== undefined && /^[1-9]\d{0,9}(?:\.0+)?$/.test(label) ? `${href}#cell=${Number(label)}` : null;
}

function pageOf(row: number): number {
  return Math.ceil(row / PAGE_ROWS);
}

function rangeOf(first: number, columns: number): ColumnRange {
  const from = Math.min(first, Math.max(0, columns - 1));
  return { from, to: Math.min(from + PAGE_COLUMNS, columns) };
}

function fileView({ path, name, size, dialect }: OpenTable): TablePageView['file'] {
  return { name, address: formatEntryPath(path), bytes: size, encoding: dialect.encoding === 'utf-8' ? null : dialect.encoding };
}

function workingOf({ index, selection, isWaiting }: Found): TablePageView['working'] {
  const going = [index, selection].filter((outcome) => outcome?.state === 'working').map((outcome) => outcome.done);
  if (going.length === 0) return null;
  return { words: text(isWaiting ? 'tables.finding' : 'tables.counting'), percent: Math.round(Math.min(...going) * 100) };
}

function refusalOf({ index, selection }: Found): string | null {
  const reasons = [index, selection].flatMap((outcome): DomainError[] => (outcome?.state === 'refused' ? [outcome.reason] : []));
  return reasons[0]?.message ?? null;
}

/** @param rows how many pass; null while nobody knows. */
function exportWords({ filters, sort }: TableAsk, rows: number | null): string {
  if (filters.length === 0) return text(sort === null ? 'tables.exportAll' : 'tables.exportOrdered');
  return rows === null ? text('tables.exportFound') : text('tables.exportThese', { shown: shownNumber(rows), count: rows });
}
