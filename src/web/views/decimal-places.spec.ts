import { decimalPlaces, missingPlaces } from './decimal-places';

describe('decimal places of a column', () => {
  it('are those of its finest figure, whatever else stands in it', () => {
    expect(decimalPlaces([['115'], ['68.5'], ['84.75'], ['NaN'], [''], ['1e-5'], []], 0)).toBe(2);
    expect(decimalPlaces([['1'], ['20']], 0)).toBe(0);
    expect(decimalPlaces([['0.1234567'], ['1']], 0)).toBe(0);
  });

  it('that a figure lacks are told without a change of the figure', () => {
    expect(['115', '68.5', '84.75', '-3.', 'NaN', '', '1e-5', '1,5'].map((cell) => missingPlaces(cell, 2))).toEqual([
      '.00',
      '0',
      '',
      '00',
      '',
      '',
      '',
      '',
    ]);
    expect(missingPlaces('7', 0)).toBe('');
  });
});
