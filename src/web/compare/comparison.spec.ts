import * as fc from 'fast-check';
import { compareStatements, joinTables, type KeyedTable } from './comparison';

const table = (text: string): KeyedTable => {
  const [head = '', ...lines] = text.split('\n');
  return {
    columns: head.split(',').map((name) => ({ name, numeric: false })),
    rows: lines.map((line) => line.split(',')),
  };
};

describe('compareStatements', () => {
  const statement = (key: string, ...values: string[]) => ({ key, label: key.toUpperCase(), values });

  it('puts the same things beside each other, those that differ first, and marks them', () => {
    const lines = compareStatements([
      [statement('sigma', '1'), statement('files', 'a', 'b')],
      [statement('sigma', '2'), statement('files', 'a', 'b'), statement('new', 'x')],
    ]);
    expect(lines).toEqual([
      { label: 'SIGMA', cells: [['1'], ['2']], differs: true },
      { label: 'NEW', cells: [null, ['x']], differs: true },
      {
        label: 'FILES',
        cells: [
          ['a', 'b'],
          ['a', 'b'],
        ],
        differs: false,
      },
    ]);
  });

  it('tells one value with a comma from two', () => {
    expect(compareStatements([[statement('a', 'x,y')], [statement('a', 'x', 'y')]])[0]).toMatchObject({ differs: true });
  });
});

describe('joinTables', () => {
  it('joins by the first column that names each row once', () => {
    const joined = joinTables([table('kind,cell,area\nred,1,10\nred,2,20'), table('area,cell,kind\n25,2,red\n30,3,red')], '')!;
    expect(joined).toMatchObject({ key: 'cell', keys: ['cell', 'area'], lonely: 2, differing: 1 });
    expect(joined.columns.map(({ name }) => name)).toEqual(['kind', 'area']);
    expect(joined.rows.map(({ key, cells }) => [key, cells.map(({ values }) => values)])).toEqual([
      [
        '1',
        [
          ['red', null],
          ['10', null],
        ],
      ],
      [
        '2',
        [
          ['red', 'red'],
          ['20', '25'],
        ],
      ],
      [
        '3',
        [
          [null, 'red'],
          [null, '30'],
        ],
      ],
    ]);
    expect(joined.rows[1]?.cells.map(({ differs }) => differs)).toEqual([false, true]);
  });

  it('takes the column that was asked for, if it can be one', () => {
    const tables = [table('cell,area\n1,10\n2,20'), table('cell,area\n1,10\n2,21')];
    expect(joinTables(tables, 'area')?.key).toBe('area');
    expect(joinTables(tables, 'nothing')?.key).toBe('cell');
    expect(joinTables(tables, '__proto__')?.key).toBe('cell');
  });

  it.each([
    ['only one run has it', [table('a,b\n1,2'), null]],
    ['no column names rows once', [table('a,b\n1,1\n1,1'), table('a,b\n1,1\n1,1')]],
    ['no column is in both', [table('a\n1'), table('b\n1')]],
    ['the column has no name', [table('\n1'), table('\n1')]],
    ['there is no row', [table('a'), table('a')]],
  ])('is not possible where %s', (_why, tables) => {
    expect(joinTables(tables, '')).toBeNull();
  });

  it('has every key of every run once, and the cells of its rows', () => {
    const keyed = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1 }).map((keys) => ({
      columns: [
        { name: 'key', numeric: true },
        { name: 'value', numeric: true },
      ],
      rows: keys.map((key) => [String(key), String(key % 3)]),
    }));
    fc.assert(
      fc.property(fc.array(keyed, { minLength: 2, maxLength: 5 }), (tables) => {
        const joined = joinTables(tables, 'key')!;
        const keys = new Set(tables.flatMap(({ rows }) => rows.map(([key]) => key)));
        expect(new Set(joined.rows.map(({ key }) => key))).toEqual(keys);
        expect(joined.rows).toHaveLength(keys.size);
        for (const { key, cells } of joined.rows) {
          const wanted = tables.map(({ rows }) => rows.find(([one]) => one === key)?.[1] ?? null);
          expect(cells.map(({ values }) => values)).toEqual([wanted]);
        }
      }),
    );
  });
});
