import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { lineOfOpenQuote } from '../../show/delimited-table';
import type { Dialect } from './dialect';
import { RowCells } from './row-cells';
import { memorySource, TableScanner, type RowVisitor, type ScanSizes } from './scanner';

const COMMAS: Dialect = { encoding: 'utf-8', start: 0, delimiter: 0x2c, newline: 0x0a, hasHead: false };
/** So small that every cell lies across two pieces somewhere. */
const SMALL: ScanSizes = { longestQuoted: 60, kept: 20, piece: 8 };

function scanned(bytes: Buffer, dialect: Dialect, sizes?: ScanSizes): { rows: string[][]; starts: number[] } {
  const cells = new RowCells(dialect, { from: 0, to: 50 }, Infinity, 1000);
  const starts: number[] = [];
  const visitor: RowVisitor = {
    wanted: cells.wanted,
    cell: (...words) => cells.cell(...words),
    row: (start, columns) => {
      starts.push(start);
      return cells.row(start, columns);
    },
  };
  const span = { from: dialect.start, to: bytes.length, skip: 0 };
  new TableScanner(memorySource(bytes, 0), dialect, span, sizes).run(visitor);
  return { rows: cells.rows, starts };
}

function parsed(text: string): string[][] {
  return parse(text, {
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n'],
  });
}

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', '-', ' ', 'é', '€'), maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('x', ',', '"', '\n', '\r\n', ';', 'ü', '😀'), maxLength: 8 }),
);
const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 8 });

function written(table: string[][], end: string, isEnded: boolean): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const text = table.map((row) => row.map(quoted).join(',')).join(end);
  return isEnded ? text + end : text;
}

describe('the scan of a table', () => {
  it.each([
    ['utf-8', (text: string) => Buffer.from(text)],
    ['utf-16le', (text: string) => Buffer.from(text, 'utf16le')],
    ['utf-16be', (text: string) => Buffer.from(text, 'utf16le').swap16()],
  ] as const)('finds in %s what csv-parse finds, wherever pieces end', (encoding, encode) => {
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.integer({ min: 8, max: 40 }), (table, end, isEnded, piece) => {
        const text = written(table, end, isEnded);
        const dialect = { ...COMMAS, encoding };
        const sizes = { longestQuoted: 120, kept: 50, piece: piece * 2 };
        expect(scanned(encode(text), dialect, sizes).rows).toEqual(parsed(text));
        expect(scanned(encode(text), dialect).rows).toEqual(parsed(text));
      }),
      { numRuns: 300 },
    );
  });

  it('takes stray quotes as csv-parse does', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r\n'), maxLength: 24 }), (text) => {
        fc.pre(!text.includes('""'));
        // There the page says what is wrong, and lines stay lines.
        fc.pre(lineOfOpenQuote(text, ',', true) === null);
        let expected: string[][] = [];
        try {
          expected = parsed(text);
        } catch {
          // A quote that is never closed has a rule of our own.
          fc.pre(false);
        }
        expect(scanned(Buffer.from(text), COMMAS, SMALL).rows).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves out blanks behind a closing quote, wherever pieces end', () => {
    const text = 'a,b,c\n1,"two\nlines" ,3\r\n4,"x, ""y"" " \t,"end"  \r\n"5" ,"6" 7,8\n9,"last" ';
    const all = [
      ['a', 'b', 'c'],
      ['1', 'two\nlines', '3'],
      ['4', 'x, "y" ', 'end'],
      ['5', '"6" 7', '8'],
      ['9', 'last'],
    ];
    expect(scanned(Buffer.from(text), COMMAS).rows).toEqual(all);
    for (let piece = 8; piece < 30; piece += 1) expect(scanned(Buffer.from(text), COMMAS, { ...SMALL, piece }).rows).toEqual(all);
    // So many that they are no padding any more; and tabs that separate.
    const far = `1,"a"${' '.repeat(90)},2\n3,4\n`;
    expect(scanned(Buffer.from(far), COMMAS, SMALL).rows.map((row) => row.length)).toEqual([3, 2]);
    expect(scanned(Buffer.from('1\t"a"\t\t2\n'), { ...COMMAS, delimiter: 9 }).rows).toEqual([['1', 'a', '', '2']]);
  });

  it('says where each row begins', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), (table, end) => {
        const bytes = Buffer.from(written(table, end, true));
        const { rows: found, starts } = scanned(bytes, COMMAS, SMALL);
        for (const [index, start] of starts.entries()) {
          expect(scanned(bytes.subarray(start), COMMAS).rows).toEqual(found.slice(index));
        }
      }),
    );
  });

  it('takes a quote that is never closed, or not soon, for a character', () => {
    const text = `a,b\n"open,1\n2,3\n${'x'.repeat(80)},"4"\n`;
    const expected = [
      ['a', 'b'],
      ['"open', '1'],
      ['2', '3'],
      ['x'.repeat(28), '4'],
    ];
    expect(scanned(Buffer.from('a,b\n"open,1\n2,3\n'), COMMAS).rows).toEqual(expected.slice(0, 3));
    const { rows: found } = scanned(Buffer.from(text), COMMAS, SMALL);
    expect([...found.slice(0, 3), found[3].length]).toEqual([...expected.slice(0, 3), 2]);
    expect(found[3][1]).toBe('4');
  });

  it('keeps the beginning of an endless cell, and goes on behind it', () => {
    const bytes = Buffer.from(`1,${'y'.repeat(500)},2\r\n3,4,5\r\n`);
    expect(scanned(bytes, COMMAS, SMALL)).toEqual({
      rows: [
        ['1', 'y'.repeat(20), '2'],
        ['3', '4', '5'],
      ],
      starts: [0, 506],
    });
  });

  it('tells of no last row that was cut off', () => {
    const cells = new RowCells(COMMAS, { from: 0, to: 9 }, Infinity, 100);
    const bytes = Buffer.from('a,b\nc,"d\n');
    const span = { from: 0, to: bytes.length, skip: 0 };
    expect(new TableScanner(memorySource(bytes, 0), COMMAS, span).run(cells, false)).toEqual({ isCut: true });
    expect(cells.rows).toEqual([['a', 'b']]);
  });

  it('ends rows at carriage returns where there are no line feeds', () => {
    expect(scanned(Buffer.from('a,b\rc,"d\re"\r'), { ...COMMAS, newline: 0x0d }).rows).toEqual([
      ['a', 'b'],
      ['c', 'd\re'],
    ]);
  });

  it('leaves lines alone that a quotation mark without its fellow would swallow', () => {
    const text = 'a,b\n1,"never closed\n2,3\n4,"x ""y"" z"\n5,6\n';
    const all = [
      ['a', 'b'],
      ['1', '"never closed'],
      ['2', '3'],
      ['4', 'x "y" z'],
      ['5', '6'],
    ];
    expect(scanned(Buffer.from(text), COMMAS).rows).toEqual(all);
    for (const piece of [8, 11, 16]) expect(scanned(Buffer.from(text), COMMAS, { ...SMALL, piece }).rows).toEqual(all);
  });
});
