import { readableLine, readableLines } from './log-text';

const texts = (log: string | Buffer) => readableLines(Buffer.from(log as string)).map((line) => line.text);

describe('readableLines', () => {
  it('keeps plain text as it is', () => {
    expect(texts('>>> Start\n\n  tile 1/4\t██ 100%')).toEqual(['>>> Start', '', '  tile 1/4\t██ 100%']);
    expect(texts('')).toEqual([]);
  });

  it.each([
    ['a progress bar', '10%\r50%\r100%', '100%'],
    ['a bar that ends where it may be redrawn', '10%\r50%\r', '50%'],
    ['Windows line ends', 'done\r', 'done'],
    ['nothing but returns', '\r\r\r', ''],
  ])('shows the last drawing of %s', (_what, raw, shown) => expect(readableLine(raw).text).toBe(shown));

  it.each([
    ['colours', '\u{1b}[1;31mred\u{1b}[0m'],
    ['a link with a script', '\u{1b}]8;;javascript:alert(1)\u{7}red\u{1b}]8;;\u{1b}\\'],
    ['a title that is never ended', 'red\u{1b}]0;evil'],
    ['cursor moves', '\u{1b}[2Kred\u{1b}[1A\u{1b}(B\u{1b}='],
    ['eight-bit controls', '\u{9b}31mred'],
    ['bells, zeros and direction marks', '\u{7}r\u{0}e\u{202e}d\u{2066}'],
  ])('takes away %s', (_what, raw) => expect(readableLine(raw).text).toBe('red'));

  it('tolerates bytes that are no UTF-8', () => {
    expect(texts(Buffer.from([0x61, 0xff, 0x62]))).toEqual(['a\u{fffd}b']);
  });

  it('cuts a line of ten megabytes at once', () => {
    const began = performance.now();
    const { text } = readableLine('x'.repeat(10_000_000));
    expect(text).toHaveLength(2002);
    expect(readableLine('\u{1b}]'.repeat(3_000_000)).text.length).toBeLessThan(10);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it.each([
    ['ERROR : missing image for marker CD45', 'error'],
    ['Traceback (most recent call last):', 'error'],
    ['  WARNING: 9 objects dropped', 'warning'],
    ['finished with 0 errors', 'plain'],
    ['mean error = 0.02', 'plain'],
    ['terror_bird.png written', 'plain'],
  ])('takes the tone of "%s"', (raw, tone) => expect(readableLine(raw).tone).toBe(tone));
});
