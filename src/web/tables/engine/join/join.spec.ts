import * as fc from 'fast-check';
import type { Dialect } from '../dialect';
import { memorySource, TableScanner, type RowVisitor } from '../scanner';
import { joinTables, columnsAtOnce, type JoinedSide } from './join-task';
import { NO_ROW, PAIR_WORDS, type ColumnPair } from './join-tasks';
import { orderPairs } from './order-task';

const dialect = (over: Partial<Dialect> = {}): Dialect => ({
  encoding: 'utf-8',
  start: 0,
  delimiter: 0x2c,
  newline: 0x0a,
  hasHead: true,
  ...over,
});

function side(text: string | Buffer, over: Partial<Dialect> = {}): JoinedSide {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const how = dialect(over);
  const scan = (visitor: RowVisitor) =>
    void new TableScanner(memorySource(bytes, 0), how, { from: 0, to: bytes.length, skip: 1 }).run(visitor);
  return { dialect: how, scan };
}

const KEY = { first: 0, second: 0 };
const columns = (count: number): ColumnPair[] => Array.from({ length: count }, (_, index) => ({ first: index + 1, second: index + 1 }));
const rowsOf = (pairs: Uint32Array) =>
  Array.from({ length: pairs.length / PAIR_WORDS }, (_, place) =>
    [...pairs.subarray(place * PAIR_WORDS, (place + 1) * PAIR_WORDS)].map((word) => (word === NO_ROW ? null : word)),
  );

describe('a join', () => {
  it('pairs rows by their key, and counts what is alike in each column', () => {
    const { join, pairs } = joinTables(side('id,a,b\n1,5,x\n2,6,y\n3,7,z\n'), side('id,a,b\n3,7.0,z\n2,8,Y\n9,1,q\n'), {
      key: KEY,
      columns: columns(2),
    });
    expect(join).toMatchObject({ matched: 2, equal: 1, changed: 1, first: { rows: 3, only: 1 }, second: { rows: 3, only: 1 } });
    expect(join.columns).toEqual([
      { equal: 1, changed: 1, numbers: 2, median: 1, largest: 2 },
      { equal: 1, changed: 1, numbers: 0, median: null, largest: null },
    ]);
    expect(rowsOf(pairs)).toEqual([
      [0, null, 0],
      [1, 1, 2],
      [2, 0, 0],
      [null, 2, 0],
    ]);
  });

  it('leaves rows out whose key is empty or that several rows have, in either table', () => {
    const { join, pairs } = joinTables(side('id,a\n1,1\n1,2\n,3\n2,4\n4,5\nNaN,6'), side('id,a\n2,1\n2,1\n1,1\n4,5\n\n5,5\n5,5'), {
      key: KEY,
      columns: columns(1),
    });
    expect(join).toMatchObject({
      matched: 1,
      first: { rows: 6, only: 0, nameless: 2, repeated: 3 },
      second: { rows: 6, only: 0, nameless: 0, repeated: 5 },
    });
    expect(rowsOf(pairs)).toEqual([[4, 3, 0]]);
  });

  it('tells names of many digits apart, and numbers that a double does not', () => {
    const long = '123456789012345678';
    const { join } = joinTables(side(`id,a\n${long},${long}\n0${long},1`), side(`id,a\n123456789012345679,1\n${long},${long}1`), {
      key: KEY,
      columns: columns(1),
    });
    expect(join).toMatchObject({ matched: 1, changed: 1, first: { only: 1 }, second: { only: 1 } });
  });

  it('compares tables that are written in other ways', () => {
    const first = side('id,name\nä,"say ""hi"""\n2,1.5\n');
    const second = side(Buffer.from('name;id\nsay "hi";ä\n1,5;2.0\n', 'utf16le'), { encoding: 'utf-16le', delimiter: 0x3b });
    const { join } = joinTables(first, second, { key: { first: 0, second: 1 }, columns: [{ first: 1, second: 0 }] });
    expect(join).toMatchObject({ matched: 2, equal: 2 });
  });

  it('takes a row that is too short for one with empty cells', () => {
    const { join } = joinTables(side('id,a,b\n1,x\n2,x,'), side('id,a,b\n1,x,\n2,x,y'), { key: KEY, columns: columns(2) });
    expect(join.columns.map(({ equal, changed }) => [equal, changed])).toEqual([
      [2, 0],
      [1, 1],
    ]);
  });

  it('finds the same in turns as at once, and what a simple way finds', () => {
    const cell = fc.constantFrom('1', '2', '1.0', 'a', 'b', '', '-3', 'inf');
    const table = fc.array(fc.tuple(fc.constantFrom('1', '2', '3', '4', 'x', 'y', ''), cell, cell, cell), { maxLength: 12 });
    const valueOf = (text: string) => (text === '' ? null : Number.isNaN(Number(text)) ? text : Number(text));
    fc.assert(
      fc.property(table, table, (one, other) => {
        const text = (rows: string[][]) => `k,a,b,c\n${rows.map((row) => row.join(',')).join('\n')}\n`.replace(/\n\n$/, '\n');
        const asked = { key: KEY, columns: columns(3) };
        const whole = joinTables(side(text(one)), side(text(other)), asked);
        expect(joinTables(side(text(one)), side(text(other)), asked, 1)).toEqual(whole);
        const once = (rows: string[][], key: string) => rows.filter(([name]) => name === key).length === 1;
        const matched = one.filter(([key]) => key !== '' && once(one, key) && once(other, key));
        const isEqual = (row: string[]) => {
          const mate = other.find(([key]) => key === row[0])!;
          return row.every((value, place) => valueOf(value) === valueOf(mate[place]));
        };
        expect(whole.join).toMatchObject({ matched: matched.length, equal: matched.filter(isEqual).length });
      }),
      { numRuns: 300 },
    );
    expect(columnsAtOnce(4_000_000)).toBe(7);
    expect(columnsAtOnce(20_000_000)).toBe(1);
  });

  describe('in an order', () => {
    const first = side('id,a,b\n1,1,x\n2,1,x\n3,1,x\n4,1,x\n5,1,x\n');
    const second = side('id,a,b\n2,4,x\n3,-9,y\n4,1,x\n5,word,z\n6,1,1\n');
    const asked = { key: KEY, columns: columns(2) };
    const ids = (places: Uint32Array) => [...places].map((place) => place + 1);

    it('shows some of the pairs', () => {
      const { pairs } = joinTables(first, second, asked);
      const shown = (show: 'all' | 'equal' | 'changed' | 'first' | 'second') => ids(orderPairs(first, second, pairs, { show, sort: null }));
      expect([shown('all'), shown('equal'), shown('changed'), shown('first'), shown('second')]).toEqual([
        [1, 2, 3, 4, 5, 6],
        [4],
        [2, 3, 5],
        [1],
        [6],
      ]);
    });

    it('sorts by how many columns differ, or by how much one does', () => {
      const { pairs } = joinTables(first, second, asked);
      expect(ids(orderPairs(first, second, pairs, { show: 'all', sort: 'changes' }))).toEqual([3, 5, 2, 4, 1, 6]);
      expect(ids(orderPairs(first, second, pairs, { show: 'all', sort: { first: 1, second: 1 } }))).toEqual([5, 3, 2, 4, 1, 6]);
      expect(ids(orderPairs(first, second, pairs, { show: 'changed', sort: { first: 1, second: 1 } }))).toEqual([5, 3, 2]);
    });
  });
});
