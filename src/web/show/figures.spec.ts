import { figuresIn } from './figures';

describe('figures of a run', () => {
  it('are numbers and words by their names, as people read them', () => {
    expect(figuresIn('{"Cells": 12412, "Median area (µm²)": 63.512345, "Stain": "DAPI", "In focus": true}')).toEqual([
      { name: 'Cells', value: '12,412' },
      { name: 'Median area (µm²)', value: '63.512' },
      { name: 'Stain', value: 'DAPI' },
      { name: 'In focus', value: 'yes' },
    ]);
  });

  it('may have units', () => {
    expect(figuresIn('[{"name": "Median area", "value": 63.5, "unit": "µm²"}, {"name": "Cells", "value": 4}]')).toEqual([
      { name: 'Median area', value: '63.5 µm²' },
      { name: 'Cells', value: '4' },
    ]);
  });

  it('may be missing, as Python writes that', () => {
    expect(figuresIn('{"mean": NaN, "most": Infinity, "least": -Infinity, "note": "NaN, as it is"}')).toEqual([
      { name: 'mean', value: '–' },
      { name: 'most', value: '–' },
      { name: 'least', value: '–' },
      { name: 'note', value: 'NaN, as it is' },
    ]);
  });

  it('keep their words as they are, whatever stands in them', () => {
    expect(figuresIn('{"genes": "a, NaN, b", "\\"NaN\\": x": [NaN], "said": "\\\\", "mean": NaN}')).toEqual([
      { name: 'genes', value: 'a, NaN, b' },
      { name: 'said', value: '\\' },
      { name: 'mean', value: '–' },
    ]);
  });

  it.each([`[${' '.repeat(65_000)}NaN`, `"${'\\"'.repeat(32_000)}`, `[${'"\\'.repeat(32_000)}`, ','.repeat(65_000)])(
    'are none in what is made to be slow',
    (source) => {
      const began = performance.now();
      expect(figuresIn(source)).toEqual([]);
      expect(performance.now() - began).toBeLessThan(500);
    },
  );

  it.each(['', 'no JSON', '7', 'null', '"words"', '{"a": {"b": 1}}', '[1, 2, [3]]', '{"a": []}', '{"": 4}', '[{"name": 7, "value": 1}]'])(
    'are none in %s',
    (source) => expect(figuresIn(source)).toEqual([]),
  );

  it('are few, and short', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}`.padEnd(300, 'x'), 'y'.repeat(5000)]));
    const found = figuresIn(JSON.stringify(many));
    expect(found).toHaveLength(24);
    expect(found.every(({ name, value }) => name.length <= 100 && value.length <= 200)).toBe(true);
  });
});
