import type { Parameter } from '../manifest';
import { combine, countCombinations, different } from './combinations';
import { matchesNamePattern } from './name-pattern';
import { numberRange } from './number-range';
import { readAxis, writtenSet } from './sweep-axis';

const base = { name: 'p', label: 'P', help: '', required: true, advanced: false };
const numeric = { ...base, default: null, min: null, max: null, step: null, unit: '' };
const number: Parameter = { ...numeric, type: 'number' };
const integer: Parameter = { ...numeric, type: 'integer' };
const words: Parameter = { ...base, type: 'string', default: '', pattern: null, patternMessage: null, maxLength: 100 };
const bounds = { minItems: 0, maxItems: 9, pattern: null, patternMessage: null };
const pick: Parameter = { ...base, ...bounds, type: 'pick', from: 's', many: false, allowOther: false, default: [] };
const files = ['a.tif', 'b.TIF', 'set/c.tif', 'notes.txt', 'a,b.tif'].map((label) => ({
  reference: `project:${label}`,
  label,
  name: label.split('/').at(-1)!,
}));
const PROTEINS = ['DAPI', 'CD3', 'CD31', 'Myosin, heavy', 'a/b'];
const valuesOf = (parameter: Parameter, entered: string, names: readonly string[] = PROTEINS) => {
  const read = readAxis(parameter, entered, { files, isComplete: true, names: new Set(names) });
  return 'fault' in read ? read.fault : read.axis.values;
};

describe('a range of numbers', () => {
  it.each([
    ['1..4', ['1', '2', '3', '4']],
    ['4..1', ['4', '3', '2', '1']],
    ['1 .. 10 step 4', ['1', '5', '9']],
    ['0.1..0.3 step 0.1', ['0.1', '0.2', '0.3']],
    ['0.1..0.35 by .1', ['0.10', '0.20', '0.30']],
    ['-1..1', ['-1', '0', '1']],
    ['-0.5..0.5 step 0.5', ['-0.5', '0.0', '0.5']],
    ['1e-3..3e-3 step 1e-3', ['0.001', '0.002', '0.003']],
    ['1 to 3', ['1', '2', '3']],
    ['0.1..1 in 4', ['0.1', '0.4', '0.7', '1']],
    ['0..1 in 3', ['0', '0.5', '1']],
    ['1..2 step 5', ['1']],
    ['2..1 step -1', ['2', '1']],
  ])('%s is %j', (entry, values) => expect(numberRange(entry, 'number', 100)).toEqual({ values }));

  it('of whole numbers stays whole', () => expect(numberRange('1..10 in 4', 'integer', 100)).toEqual({ values: ['1', '4', '7', '10'] }));

  it.each(['5', '1e5', 'a..b', '1..', '..'])('is not %s', (entry) => expect(numberRange(entry, 'number', 100)).toBeNull());

  it.each([
    ['0.5..2', 'how far apart'],
    ['0:1:0.1', 'no range'],
    ['1..2 step 0', 'no range'],
    ['1..2 in 1', 'at least 2'],
    ['1..2 in 2.5', 'at least 2'],
    ['1..1000', 'more than 100'],
    ['1..1000000000000000000000000000', 'more than 100'],
    ['1..1e300 step 1', 'no range'],
    ['0..1 in 1e9', 'more than 100'],
  ])('%s is refused: %s', (entry, words) => expect(numberRange(entry, 'number', 100)).toEqual({ fault: expect.stringContaining(words) }));
});

describe('several values of a parameter', () => {
  it('are separated by commas or lines, typed as they are, and different', () => {
    expect(valuesOf(number, '0.50, 1e-3,2')).toEqual(['0.50', '1e-3', '2']);
    expect(valuesOf(words, 'one, two\r\nthree\r\n')).toEqual(['one, two', 'three']);
    expect(valuesOf(integer, '1..3, 2, 10')).toEqual(['1', '2', '3', '2', '10']);
  });

  it('of a name out of a source are those that there are, with commas in them, or go with a pattern', () => {
    expect(valuesOf(pick, 'DAPI, CD3')).toEqual(['DAPI', 'CD3']);
    expect(valuesOf(pick, 'Myosin, heavy')).toEqual(['Myosin, heavy']);
    expect(valuesOf(pick, 'Myosin, heavy\nCD3, DAPI')).toEqual(['Myosin, heavy', 'CD3', 'DAPI']);
    expect(valuesOf(pick, '*')).toEqual(PROTEINS);
    expect(valuesOf(pick, 'cd3*')).toEqual(['CD3', 'CD31']);
    expect(valuesOf(pick, 'CD9*')).toContain('CD9*');
    expect(valuesOf(pick, 'CD9')).toEqual(['CD9']);
    expect(valuesOf({ ...pick, allowOther: true }, 'one, two\nthree')).toEqual(['one, two', 'three']);
    expect(valuesOf(pick, '*', [])).toContain('*');
  });

  it('of several names are sets, one a line', () => {
    const many: Parameter = { ...pick, many: true };
    expect(valuesOf(many, 'DAPI, CD3')).toEqual(['DAPI\nCD3']);
    expect(valuesOf(many, 'DAPI, CD3\r\n\r\nCD31\r\nMyosin, heavy\r\n')).toEqual(['DAPI\nCD3', 'CD31', 'Myosin, heavy']);
    expect(valuesOf(many, 'Myosin, heavy; DAPI')).toEqual(['Myosin, heavy\nDAPI']);
    expect(valuesOf(many, '*')).toEqual(PROTEINS);
    for (const set of ['DAPI\nCD3', 'Myosin, heavy\nDAPI', 'Myosin, heavy']) expect(valuesOf(many, writtenSet(set))).toEqual([set]);
  });

  it('of several options and of lists are sets, one a line', () => {
    const options = ['fast', 'exact'].map((value) => ({ value, label: `${value[0].toUpperCase()}${value.slice(1)} way` }));
    const choices: Parameter = { ...base, type: 'choices', default: [], options, minItems: 0, maxItems: 9 };
    expect(valuesOf(choices, 'fast, Exact way\nexact')).toEqual(['fast\nexact', 'exact']);
    expect(valuesOf(choices, '*')).toEqual(['fast', 'exact']);
    const more = { minItems: 0, maxItems: 9, unique: true, unit: '', pattern: null, patternMessage: null, min: null, max: null };
    const list: Parameter = { ...base, ...more, type: 'list', items: 'string', default: [] };
    expect(valuesOf(list, '1, 2\n3; 4')).toEqual(['1\n2', '3; 4']);
  });

  it('of runs are their numbers', () => expect(valuesOf({ ...base, type: 'run', pipelines: [] }, '#12, 13')).toEqual(['12', '13']));

  it('are no more than a form can hold, however they are written, and soon', () => {
    const begin = process.cpuUsage().user;
    expect(valuesOf(integer, '1..1000,'.repeat(20_000))).toContain('more than 1000');
    expect(process.cpuUsage().user - begin).toBeLessThan(1_000_000);
  });

  it('of choices and booleans may be all of them, and the words that people see', () => {
    const options = ['fast', 'exact'].map((value) => ({ value, label: `${value[0].toUpperCase()}${value.slice(1)} way` }));
    const choice: Parameter = { ...base, type: 'choice', default: '', options };
    expect(valuesOf(choice, '*')).toEqual(['fast', 'exact']);
    expect(valuesOf(choice, 'exact way, fast, other')).toEqual(['exact', 'fast', 'other']);
    expect(valuesOf({ ...base, type: 'boolean', default: false }, '*')).toEqual(['true', 'false']);
    expect(valuesOf({ ...base, type: 'boolean', default: false }, 'yes, no, perhaps')).toEqual(['true', 'false', 'perhaps']);
  });

  it('of files are names, places and patterns', () => {
    const file: Parameter = { ...base, type: 'file', accept: [] };
    expect(valuesOf(file, '*.tif')).toEqual(['project:a.tif', 'project:b.TIF', 'project:set/c.tif', 'project:a,b.tif']);
    expect(valuesOf(file, 'set/*.tif, a.tif')).toEqual(['project:set/c.tif', 'project:a.tif']);
    expect(valuesOf(file, 'a,b.tif\n')).toEqual(['project:a,b.tif']);
    expect(valuesOf(file, '*.png')).toContain('*.png');
    const some = readAxis(file, 'a.tif, *.tif', { files, isComplete: false, names: new Set() });
    expect(some).toEqual({ fault: expect.stringContaining('more files') });
  });

  it('are at least one', () => expect(valuesOf(words, ' , ')).toContain('write the values'));
});

describe('the runs of a sweep', () => {
  const axes = [
    { parameter: 'a', values: ['1', '2'] },
    { parameter: 'b', values: ['x', 'y', 'z'] },
  ];

  it('are all combinations, the last changing fastest', () => {
    expect(countCombinations(axes, 'all')).toBe(6);
    const made = combine(axes, 'all', 6);
    expect(made).toEqual({
      combinations: ['1x', '1y', '1z', '2x', '2y', '2z'].map(([a, b]) => ({ a, b })),
    });
  });

  it('go side by side where the numbers of values are the same', () => {
    expect(combine(axes, 'together', 9)).toEqual({ fault: expect.stringContaining('2, 3') });
    const pairs = combine([axes[0], { parameter: 'b', values: ['x', 'y'] }], 'together', 9);
    expect(pairs).toEqual({
      combinations: [
        { a: '1', b: 'x' },
        { a: '2', b: 'y' },
      ],
    });
  });

  it('are each asked for once, and values side by side may come back', () => {
    const twice = [
      { parameter: 'a', values: ['1', '1', '2', '1'] },
      { parameter: 'b', values: ['x', 'y', 'x', 'x'] },
    ];
    expect(combine(twice, 'together', 9)).toEqual({ combinations: ['1x', '1y', '2x', '1x'].map(([a, b]) => ({ a, b })) });
    expect(different(twice, 'together')).toEqual(twice);
    expect(different(twice, 'all').map(({ values }) => values)).toEqual([
      ['1', '2'],
      ['x', 'y'],
    ]);
  });

  it('are limited before they are made', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ parameter: `p${index}`, values: ['1', '2', '3'] }));
    expect(combine(many, 'all', 200)).toEqual({ fault: expect.stringContaining('at most 200') });
  });
});

describe('a pattern of names', () => {
  it.each([
    ['*.tif', 'a.tif', true],
    ['*.tif', 'a.TIF', true],
    ['*.tif', 'set/a.tif', false],
    ['**/*.tif', 'set/deep/a.tif', true],
    ['**/*.tif', 'a.tif', true],
    ['set/**', 'set/deep/a.tif', true],
    ['?.tif', 'ab.tif', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['[a].tif', '[a].tif', true],
    ['[a].tif', 'a.tif', false],
    ['*', '', true],
    ['', 'a', false],
  ])('%s and %s: %s', (pattern, path, goes) => expect(matchesNamePattern(pattern, path)).toBe(goes));

  it('takes no more time with many stars', () => {
    const begin = process.cpuUsage().user;
    expect(matchesNamePattern(`${'*a'.repeat(500)}b`, 'a'.repeat(4000))).toBe(false);
    expect(matchesNamePattern(`${'**/a/'.repeat(500)}b`, 'a/'.repeat(2000))).toBe(false);
    expect(process.cpuUsage().user - begin).toBeLessThan(5_000_000);
  });
});
