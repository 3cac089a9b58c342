import { pastedRows } from '../../browser/form/pasted-rows';

describe('rows pasted from a spreadsheet', () => {
  it.each([
    [
      'a\tb\n1\t2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a\tb\r\n\t2',
      [
        ['a', 'b'],
        ['', '2'],
      ],
    ],
    [
      '"a\tb"\t"say ""x"""\n"two\nlines"\t',
      [
        ['a\tb', 'say "x"'],
        ['two\nlines', ''],
      ],
    ],
    ['5" disk\tx', [['5" disk', 'x']]],
    ['"open\tx', [['"open', 'x']]],
    ['a\n\nb', [['a'], [''], ['b']]],
    ['one', [['one']]],
    ['', []],
  ])('%j', (text, rows) => expect(pastedRows(text)).toEqual(rows));

  it('come to an end, however many they are', () => {
    const text = 'a\t"b"\n'.repeat(20_000);
    expect(pastedRows(text)).toHaveLength(20_000);
    expect(pastedRows('"'.repeat(5001))).toHaveLength(1);
  });
});
