import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { csvCell } from '../../../common/csv-cell';
import { Exporter } from './export-task';
import { parseCondition, type Condition, type Filter } from './filters';
import { Indexer } from './index-task';
import { Measurer } from './measure-task';
import { readRows } from './row-cells';
import { memorySource, TableScanner, type RowVisitor } from './scanner';
import { Selector } from './select-task';
import { findDialect } from '../find-dialect';
import type { SortBy } from './tasks';

const cell = fc.oneof(
  fc.constantFrom('', 'NaN', 'n/a', ' 7 ', '-3.5', '1e3', '12', '12.0', '+4', '.5', '-inf', '50 %', '0', '-0', '1.7976931348623157e308'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom(
    'alpha',
    'Beta',
    'beta, gamma',
    'a "b"',
    'two\nlines',
    '=1+1',
    'é',
    'cell_00012',
    'cell_00007',
    '1.2.3',
    '--',
    '1e',
    'e5',
  ),
);
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 60 });
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*%?$/i;
const HEAD = 'first,second,third,fourth';

interface Cell {
  kind: 'empty' | 'number' | 'text';
  value: number;
  text: string;
}

/** What a cell is, by the means of the language. */
function plainly(text = ''): Cell {
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, '');
  if (/^(nan|n\/?a|null|none)?$/i.test(trimmed)) return { kind: 'empty', value: NaN, text };
  if (/^[+-]?inf$/i.test(trimmed)) return { kind: 'number', value: trimmed.startsWith('-') ? -Infinity : Infinity, text };
  if (NUMBER.test(trimmed)) return { kind: 'number', value: Number(trimmed.replace(/\s*%$/, '')), text };
  return { kind: 'text', value: NaN, text };
}

function prepare(rows: string[][]) {
  const quoted = (text: string) => (/[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text);
  const bytes = Buffer.from(`${HEAD}\n${rows.map((row) => row.map(quoted).join(',')).join('\n')}\n`);
  const records = parse(bytes.toString(), { relax_column_count: true, skip_empty_lines: true }).slice(1);
  const dialect = { ...findDialect(Buffer.from(`${HEAD}\n1,2,3,4\n`), true, 'x.csv')!, hasHead: true };
  const scan = (visitor: RowVisitor) =>
    new TableScanner(memorySource(bytes, 0), dialect, { from: 0, to: bytes.length, skip: 1 }).run(visitor);
  return { bytes, records, dialect, scan };
}

function meets(condition: Condition, { kind, value, text }: Cell): boolean {
  if (condition.kind === 'contains') return text.toLowerCase().includes(condition.text.toLowerCase());
  if (condition.kind === 'range') {
    if (kind !== 'number') return false;
    const { withLow, withHigh } = condition;
    const [low, high] = [condition.low ?? -Infinity, condition.high ?? Infinity];
    return (withLow ? value >= low : value > low) && (withHigh ? value <= high : value < high);
  }
  const number = Number(condition.text);
  const isSame =
    condition.text === ''
      ? kind === 'empty'
      : kind === 'number' && !Number.isNaN(number)
        ? value === number
        : text.trim() === condition.text;
  return isSame !== condition.not;
}

const condition = fc.oneof(
  fc.constantFrom('a', 'BETA', 'é', '12', ' 7').map((text): Condition => ({ kind: 'contains', text })),
  fc.tuple(fc.constantFrom('12', 'alpha', '', '7'), fc.boolean()).map(([text, not]): Condition => ({ kind: 'equals', text, not })),
  fc
    .tuple(fc.option(fc.integer({ min: -20, max: 5 })), fc.option(fc.integer({ min: 5, max: 40 })), fc.boolean(), fc.boolean())
    .map(([low, high, withLow, withHigh]): Condition => ({ kind: 'range', low, high, withLow, withHigh })),
);
const filters = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 4 }), condition).map(([column, condition]): Filter => ({ column, condition })),
  { maxLength: 2 },
);
const sort = fc.option(
  fc.record({ column: fc.integer({ min: 0, max: 4 }), descending: fc.boolean(), asText: fc.boolean() }),
) as fc.Arbitrary<SortBy | null>;

function selected(records: string[][], filters: readonly Filter[], sort: SortBy | null): number[] {
  const rows = records.map((record, row) => ({ record, row }));
  const passed = rows.filter(({ record }) => filters.every(({ column, condition }) => meets(condition, plainly(record[column]))));
  if (!sort) return passed.map(({ row }) => row);
  const rank = { number: 0, text: 1, empty: 2 };
  const key = (record: string[]) => {
    const cell = plainly(record[sort.column]);
    return sort.asText && cell.kind === 'number' ? { ...cell, kind: 'text' as const } : cell;
  };
  const turn = sort.descending ? -1 : 1;
  return passed
    .toSorted((one, other) => {
      const [left, right] = [key(one.record), key(other.record)];
      if (left.kind !== right.kind) return rank[left.kind] - rank[right.kind];
      if (left.kind === 'number' && left.value !== right.value) return (left.value < right.value ? -1 : 1) * turn;
      if (left.kind === 'text') return Buffer.compare(Buffer.from(left.text), Buffer.from(right.text)) * turn || one.row - other.row;
      return one.row - other.row;
    })
    .map(({ row }) => row);
}

describe('a selection of a table', () => {
  it('has the rows, in the order, that a naive program finds', () => {
    fc.assert(
      fc.property(table, filters, sort, (rows, filters, sort) => {
        const { records, dialect, scan } = prepare(rows);
        const selector = new Selector(dialect, filters, sort);
        scan(selector);
        expect([...selector.result().order]).toEqual(selected(records, filters, sort));
      }),
      { numRuns: 600 },
    );
  });

  it('sorts many texts with much in common, and equal ones in the order of the file', () => {
    const rows = Array.from({ length: 3000 }, (_, row) => [`sample_plate_${(row * 7919) % 500}${'x'.repeat(row % 3)}`, String(row)]);
    const { records, dialect, scan } = prepare(rows);
    for (const descending of [false, true]) {
      const sort = { column: 0, descending, asText: false };
      const selector = new Selector(dialect, [], sort);
      scan(selector);
      expect([...selector.result().order]).toEqual(selected(records, [], sort));
    }
  });
});

describe('the figures of a column', () => {
  it('are those that a naive program finds', () => {
    fc.assert(
      fc.property(table, filters, (rows, filters) => {
        const { records, dialect, scan } = prepare(rows);
        const measurer = new Measurer(dialect, filters, 0, 1);
        scan(measurer);
        const found = measurer.result();
        const passed = selected(records, filters, null).map((row) => records[row]);
        const cells = passed.map((record) => plainly(record[0]));
        const numbers = cells.filter(({ value }) => Number.isFinite(value)).map(({ value }) => value);
        const texts = cells.filter(({ kind }) => kind === 'text').map(({ text }) => text);
        expect(found).toMatchObject({
          rows: passed.length,
          empty: cells.filter(({ kind }) => kind === 'empty').length,
          texts: texts.length,
          infinite: cells.filter(({ value }) => Math.abs(value) === Infinity).length,
          distinctTexts: new Set(texts).size,
        });
        expect(found.numbers === null).toBe(numbers.length === 0);
        if (found.numbers) {
          const sorted = numbers.toSorted((one, other) => one - other);
          const middle = sorted.length / 2;
          const median = sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
          expect(found.numbers).toMatchObject({ low: Math.min(...numbers), high: Math.max(...numbers), distinct: new Set(numbers).size });
          // Two ways to the middle of two numbers differ by the last digits of the larger one.
          const digit = Math.max(...numbers.map(Math.abs)) * 2 ** -51;
          if (Math.abs(median) < 1e100) expect(Math.abs(found.numbers.quartiles[1] - median)).toBeLessThanOrEqual(Math.max(digit, 5e-7));
        }
        const { bars } = found;
        if (bars) expect(bars.counts.reduce((sum, count) => sum + count, 0)).toBe(numbers.length);
        const pairs = passed.filter((record) => [0, 1].every((column) => Number.isFinite(plainly(record[column]).value)));
        if (found.cloud)
          expect([found.cloud.points, found.cloud.counts.reduce((sum, n) => sum + n, 0)]).toEqual([pairs.length, pairs.length]);
      }),
      { numRuns: 300 },
    );
  });

  it('have round edges and exact quantiles', () => {
    const { dialect, scan } = prepare(Array.from({ length: 101 }, (_, row) => [String(row), String(-2 * row)]));
    const measurer = new Measurer(dialect, [], 0, 1);
    scan(measurer);
    const { numbers, bars, cloud } = measurer.result();
    expect(numbers).toMatchObject({ mean: 50, quartiles: [25, 50, 75], tails: [5, 95], count: 101 });
    expect(bars).toMatchObject({ low: 0, step: 5 });
    expect(bars!.counts).toEqual([...Array.from({ length: 20 }, () => 5), 1]);
    expect(cloud!.correlation).toBeCloseTo(-1, 12);
  });
});

describe('the index of a table', () => {
  it('leads to every row', () => {
    fc.assert(
      fc.property(table, fc.constantFrom(4, 10, 1000), (rows, many) => {
        const { bytes, records, dialect, scan } = prepare(rows);
        const indexer = new Indexer(dialect, many);
        scan(indexer);
        const { index, places } = indexer.result(bytes.length);
        expect([index.rows, index.columns]).toEqual([records.length, Math.max(...records.map((record) => record.length))]);
        for (const [row, record] of records.entries()) {
          const block = Math.floor(row / index.step);
          const span = { from: places[block], to: places[block + 1], skip: row % index.step, count: 2 };
          const found = readRows(memorySource(bytes, 0), dialect, span, { from: 0, to: 9 }, 500);
          expect(found.rows[0]).toEqual(record);
          if (found.rows[1]) expect(found.rows[1]).toEqual(records[row + 1]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('samples long columns evenly', () => {
    const { bytes, dialect, scan } = prepare(Array.from({ length: 50_000 }, (_, row) => [String(row), 'word']));
    const indexer = new Indexer(dialect);
    scan(indexer);
    const [numbers, words] = indexer.result(bytes.length).index.figures;
    expect(numbers).toMatchObject({ numbers: 50_000, texts: 0, low: 0, high: 49_999, mean: 24_999.5, isEstimate: true });
    expect(Math.abs(numbers.median! - 25_000)).toBeLessThan(500);
    const mean = numbers.bars.reduce((sum, bar) => sum + bar, 0) / numbers.bars.length;
    for (const bar of numbers.bars) expect(Math.abs(bar / mean - 1)).toBeLessThan(0.1);
    expect(words).toMatchObject({ numbers: 0, texts: 50_000, bars: [] });
  });
});

describe('what people type above a column', () => {
  it.each<[string, ReturnType<typeof parseCondition>]>([
    ['', null],
    ['  tumour ', { kind: 'contains', text: 'tumour' }],
    ['> 5', { kind: 'range', low: 5, high: null, withLow: false, withHigh: true }],
    ['>=-1e3', { kind: 'range', low: -1000, high: null, withLow: true, withHigh: true }],
    ['<.5', { kind: 'range', low: null, high: 0.5, withLow: true, withHigh: false }],
    ['2..9', { kind: 'range', low: 2, high: 9, withLow: true, withHigh: true }],
    ['..9', { kind: 'range', low: null, high: 9, withLow: true, withHigh: true }],
    ['a..b', { kind: 'contains', text: 'a..b' }],
    ['...', { kind: 'contains', text: '...' }],
    ['> five', undefined],
    ['= word', { kind: 'equals', text: 'word', not: false }],
    ['!=', { kind: 'equals', text: '', not: true }],
    ['"=word"', { kind: 'contains', text: '=word' }],
  ])('%s', (typed, expected) => expect(parseCondition(typed)).toEqual(expected));
});

describe('an exported cell', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+4', '+4'],
    ['-3.5', '-3.5'],
    ['-1e-5 %', '-1e-5 %'],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', '"\'\tx"'],
    ['\rx', '"\'\rx"'],
    ['-', "'-"],
    ['=cmd|"/c calc"!A0', `"'=cmd|""/c calc""!A0"`],
    ['＝1', "'＝1"],
    ['plain, with comma', '"plain, with comma"'],
    ['a;=1+1', '"a;=1+1"'],
    ['a\t=1+1', '"a\t=1+1"'],
    ['', ''],
  ])('%j is safe', (text, expected) => expect(csvCell(text)).toBe(expected));

  it('keeps what no spreadsheet takes for a formula', () => {
    fc.assert(
      fc.property(table, filters, (rows, filters) => {
        const { records, dialect, scan } = prepare(rows);
        let text = '';
        const exporter = new Exporter(dialect, filters, (bytes) => (text += bytes.toString()));
        scan(exporter);
        exporter.flush();
        const expected = selected(records, filters, null).map((row) =>
          records[row].map((cell) => (/^[=\-+@]/.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell)),
        );
        expect(parse(text, { relax_column_count: true, record_delimiter: '\r\n' })).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});
