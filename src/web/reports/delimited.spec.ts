import { readDelimited } from '../../browser/plots/delimited';

describe('readDelimited', () => {
  it.each<[string, object[], string?]>([
    ['a,b\n1,2\n', [{ a: '1', b: '2' }]],
    [
      'a,b\r\n1,2\r\n\r\n3,4',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['\u{feff}a;b\n1,5;"x;y"\n', [{ a: '1,5', b: 'x;y' }], ';'],
    ['a,b\n"say ""hi""","two\nlines"\n', [{ a: 'say "hi"', b: 'two\nlines' }]],
    [
      'a,b\n1\n,\n"open',
      [
        { a: '1', b: '' },
        { a: '', b: '' },
        { a: 'open', b: '' },
      ],
    ],
    ['a\n"x"y\nz', [{ a: 'x' }, { a: 'y' }, { a: 'z' }]],
    ['', []],
  ])('reads %j', (text: string, rows: object[], delimiter = ',') => expect(readDelimited(text, delimiter)).toEqual(rows));

  it('takes names from elsewhere, and none of them for what all objects have', () => {
    expect(readDelimited('1,2\n', ',', ['a', 'b'])).toEqual([{ a: '1', b: '2' }]);
    const [row] = readDelimited('__proto__,x\nevil,1\n', ',');
    expect([Object.getPrototypeOf(row) === Object.prototype, row['x']]).toEqual([true, '1']);
  });
});
