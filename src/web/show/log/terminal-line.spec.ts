import * as fc from 'fast-check';
import { drawLine, textOf } from './terminal-line';

const draw = (raw: string) => drawLine(raw, 2000).stretches;
const shown = (raw: string) => textOf(draw(raw));

describe('drawLine', () => {
  it('keeps plain text as it is', () => {
    expect(draw('  tile 1/4\t██ 100%')).toEqual([['  tile 1/4\t██ 100%', '']]);
    expect(draw('')).toEqual([]);
  });

  it.each([
    ['a progress bar', '10%\r50%\r100%', '100%'],
    ['a bar that ends where it may be redrawn', '10%\r50%\r', '50%'],
    ['Windows line ends', 'done\r', 'done'],
    ['nothing but returns', '\r\r\r', ''],
    ['a shorter text over a longer one, as terminals do', '100 of 100\rok', 'ok0 of 100'],
    ['one that erases the rest first', '100 of 100\r\u{1b}[Kok', 'ok'],
    ['one that erases the whole line', '100 of 100\u{1b}[2K\rok', 'ok'],
    ['one padded with blanks', 'abcdef\r      \rok', 'ok    '],
    ['backspaces', 'loading |\b/\b-\b\\ done', 'loading \\ done'],
    ['a cursor that is sent to a column', 'abc\u{1b}[1Gx\u{1b}[6Gy', 'xbc  y'],
    ['a cursor that moves back and forth', 'abc\u{1b}[2DX\u{1b}[3CY', 'aXc  Y'],
  ])('draws %s', (_what, raw, text) => expect(shown(raw)).toBe(text));

  it.each([
    ['erased up to the cursor', 'abcdef\u{1b}[3D\u{1b}[1KX', '   Xef'],
    ['erased and written again', 'abc\u{1b}[2Kx\u{1b}[1Gy', 'y  x'],
    ['written, cut off and skipped over', 'abcdef\u{1b}[3G\u{1b}[K\u{1b}[6Gz', 'ab   z'],
    ['erased from both ends', 'abcdef\u{1b}[5G\u{1b}[K\u{1b}[2G\u{1b}[1Kz', ' zcd'],
  ])('draws what was %s', (_what, raw, text) => expect(shown(raw)).toBe(text));

  it('costs what is written, wherever the cursor was sent and however often the row is erased', () => {
    const rows = ['x\u{1b}[2K', 'x\u{1b}[1K', '\u{1b}[40000Gx\u{1b}[K', 'x\r\u{1b}[40000G\u{1b}[1K'].map(
      (turn) => `\u{1b}[40000G${turn.repeat(3200)}`,
    );
    const begin = performance.now();
    for (let round = 0; round < 5; round += 1) for (const row of rows) drawLine(row, 2000);
    // About 0.1 s; it was two minutes when every jump was filled with blanks.
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it('draws the last of a million drawings without drawing the others', () => {
    const bar = Array.from({ length: 100_000 }, (_, index) => `\r\u{1b}[32mtile ${index} of 100000`).join('');
    const { stretches, style } = drawLine(bar, 2000);
    expect(stretches).toEqual([['tile 99999 of 100000', 'f2']]);
    expect(style.ink).toBe(2);
  });

  it.each([
    ['red', '\u{1b}[31mred\u{1b}[0m', [['red', 'f1']]],
    ['bright, bold and underlined', '\u{1b}[1;4;91mred', [['red', 'f9 bo un']]],
    [
      'a ground',
      '\u{1b}[30;43mtext\u{1b}[49m more',
      [
        ['text', 'f0 b3'],
        [' more', 'f0'],
      ],
    ],
    [
      'one of 256',
      '\u{1b}[38;5;208mx\u{1b}[48;5;17my',
      [
        ['x', 'f208'],
        ['y', 'f208 b17'],
      ],
    ],
    ['true colour', '\u{1b}[38;2;255;128;0mx', [['x', 'f208']]],
    ['true colour with colons', '\u{1b}[38:2::255:128:0;3mx', [['x', 'f208 it']]],
    ['true grey', '\u{1b}[38;2;100;101;100mx', [['x', 'f241']]],
    [
      'inverse',
      '\u{1b}[7mx\u{1b}[27my',
      [
        ['x', 'inv'],
        ['y', ''],
      ],
    ],
    ['inverse colours', '\u{1b}[31;7mx', [['x', 'b1']]],
    ['eight-bit controls', '\u{9b}31mred', [['red', 'f1']]],
    ['colours that are none', '\u{1b}[38;5;999mx\u{1b}[38;2;1;2mx\u{1b}[38mx\u{1b}[777mx', [['xxxx', '']]],
    [
      'a colour that is drawn over',
      '\u{1b}[31mabc\r\u{1b}[32mx',
      [
        ['x', 'f2'],
        ['bc', 'f1'],
      ],
    ],
  ])('shows %s', (_what, raw, stretches) => expect(draw(raw)).toEqual(stretches));

  it('hands the colours on to the next line', () => {
    const { style } = drawLine('\u{1b}[1;31mone', 100);
    expect(drawLine('two', 100, style).stretches).toEqual([['two', 'f1 bo']]);
  });

  it.each([
    ['a link with a script', '\u{1b}]8;;javascript:alert(1)\u{7}red\u{1b}]8;;\u{1b}\\'],
    ['a title that is never ended', 'red\u{1b}]0;evil'],
    ['moves to other lines', '\u{1b}[2J\u{1b}[Hred\u{1b}[1A\u{1b}(B\u{1b}='],
    ['a question to the terminal', '\u{1b}[6n\u{1b}[?1049hred\u{1b}P+q\u{1b}\\'],
    ['bells, zeros and direction marks', '\u{7}r\u{0}e\u{202e}d\u{2066}'],
  ])('takes away %s', (_what, raw) => expect(shown(raw)).toBe('red'));

  it('cuts what is too long, and says by how much', () => {
    expect(drawLine('x'.repeat(5000), 2000)).toMatchObject({ leftOut: 3000, stretches: [['x'.repeat(2000), '']] });
    expect(drawLine(`\u{1b}[31m${'x'.repeat(5000)}`, 2000)).toMatchObject({ leftOut: 3000 });
    expect(shown(`a\u{1b}[999999999Cb`).length).toBeLessThanOrEqual(2000);
    expect(shown('\u{1b}]'.repeat(30_000))).toBe('');
  });

  it('never lets a control character or a class name of its own through', () => {
    const parts = fc.constantFrom(
      '\u{1b}[',
      '\u{1b}]8;;',
      'm',
      '31',
      ';',
      '38;5;',
      '\r',
      '\b',
      '\u{7}',
      '<b>',
      '"',
      'x',
      '\u{9b}',
      'K',
      '7',
      ':2:',
      '\u{0}',
      'µ',
      '\u{1F52C}',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (words, most) => {
        const { stretches } = drawLine(words.join(''), most);
        // oxlint-disable-next-line no-control-regex
        expect(textOf(stretches)).not.toMatch(/[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/);
        for (const [text, classes] of stretches) {
          expect(text).not.toBe('');
          expect(classes).toMatch(/^(?:(?:[fb]\d{1,3}|inv|bo|fa|it|un|st)(?: |$))*$/);
        }
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});
