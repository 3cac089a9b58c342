import { LineMatcher } from './line-matcher';
import { LogEvidence } from './log-evidence';
import { LogLines, type LogLine } from './log-lines';

const split = (log: Buffer | string, pieces: number): LogLine[] => {
  const bytes = Buffer.from(log);
  const lines = new LogLines();
  const found: LogLine[] = [];
  for (let at = 0; at < bytes.length; at += pieces) found.push(...lines.take(bytes.subarray(at, at + pieces)));
  return [...found, ...lines.end()];
};

describe('the lines of a log', () => {
  it.each([1, 2, 3, 7, 1000])('are the same in pieces of %d bytes, each with the place where it begins', (pieces) => {
    const log = 'one\r\n\n\ntwo \u001B[31mred\u001B[0m\rthree\nlast';
    const lines = split(log, pieces);
    expect(lines.map(({ text }) => text)).toEqual(['one', 'two red', 'three', 'last']);
    for (const { text, at } of lines) expect(log.slice(at)).toMatch(new RegExp(`^${text.slice(0, 3)}`));
  });

  it('are looked at so far where they have no end, and hold no more than that', () => {
    const log = Buffer.concat([Buffer.alloc(10_000_000, 'x'), Buffer.from('\nnext\n')]);
    const lines = split(log, 65_536);
    expect(lines).toEqual([
      { text: 'x'.repeat(4096), at: 0 },
      { text: 'next', at: 10_000_001 },
    ]);
  });
});

describe('the looking for expressions', () => {
  it('gives lines, expressions and groups in order', async () => {
    const matcher = new LineMatcher(['^a', '(?<word>b+)']);
    expect(await matcher.match(['ab', 'x', 'bb'])).toEqual([
      { line: 0, pattern: 0, groups: {} },
      { line: 0, pattern: 1, groups: { word: 'b' } },
      { line: 2, pattern: 1, groups: { word: 'bb' } },
    ]);
  });

  it('finds what each expression finds by itself, however it is written', async () => {
    const sources = ['[(?<a>]x', String.raw`\(?<b>`, '(?<!c)d', '(?<=e)f|^g$', '(?<n>h)(?<m>i)?', String.raw`\[(?<o>j)\]`, '\\p{Lu}k'];
    const lines = ['<x', '?x', '(<b>', '<b>', 'cd', 'd', 'ef', 'g', 'gg', 'hi', 'h', '[j]', 'Äk', 'äk', '(?<a>', ''];
    const alone = sources.map((source) => lines.map((text) => new RegExp(source, 'u').test(text)));
    const found = await new LineMatcher(sources).match(lines);
    expect(sources.map((_, pattern) => lines.map((_, line) => found.some((one) => one.line === line && one.pattern === pattern)))).toEqual(
      alone,
    );
    expect((await new LineMatcher(['(a|b)\\1', '(?<q>x)\\k<q>']).match(['ab', 'bb', 'xx'])).map(({ line }) => line)).toEqual([1, 2]);
  });

  it('goes on past a line that it cannot get through, and gives up where there are too many', async () => {
    const matcher = new LineMatcher(['^(x+x+)+y$(?!z)', '^end$']);
    const hostile = 'x'.repeat(200);
    const beginMs = performance.now();
    expect((await matcher.match(['end', hostile, 'end'])).map(({ line }) => line)).toEqual([0, 2]);
    expect(matcher.gaveUp).toBe(false);
    for (let piece = 0; piece < 1000 && !matcher.gaveUp; piece += 1) await matcher.match(Array.from({ length: 1000 }, () => hostile));
    expect(matcher.gaveUp).toBe(true);
    expect(performance.now() - beginMs).toBeLessThan(60_000);
    expect(await matcher.match(['end'])).toEqual([]);
  }, 90_000);

  it('walk where going back would take for ever, and miss nothing', async () => {
    const matcher = new LineMatcher(['^(x+x+)+y$', '(?<name>[a-z]+)(?: [a-z]+)* done$', '^end$']);
    const hostile = 'x'.repeat(2000);
    const lines = ['end', hostile, 'end', `${'x'.repeat(30)}y`, 'tile is done'];
    expect((await matcher.match(lines)).map(({ line, pattern }) => [line, pattern])).toEqual([
      [0, 2],
      [2, 2],
      [3, 0],
      [4, 1],
    ]);
    const begin = process.cpuUsage().user;
    for (let piece = 0; piece < 5; piece += 1)
      expect(await matcher.match([...Array.from({ length: 20 }, () => hostile), 'end'])).toHaveLength(1);
    // Work that was done, whatever else the machine does: of each line some milliseconds.
    expect([matcher.gaveUp, process.cpuUsage().user - begin < 8_000_000]).toEqual([false, true]);
  });

  it('cannot be changed by what it looks at', async () => {
    const matcher = new LineMatcher(['^(?<__proto__>a)|(?<constructor>b)']);
    await matcher.match(['a', 'b', '__proto__']);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });
});

describe('what a log tells', () => {
  const step = (id: string, errors?: string[]) => ({
    id,
    title: id,
    start: `^start ${id}$`,
    end: `^end ${id}$`,
    ...(errors && { errors }),
  });
  const told = async (log: string, errors?: string[]) => {
    const evidence = new LogEvidence(
      [step('a', errors), step('b')],
      { log: { errors: ['ERROR', '^Traceback'], ignore: ['harmless'] } },
      [],
    );
    await evidence.take(split(log, 5));
    return evidence;
  };

  it('gives the first error to the step in which it was said', async () => {
    const evidence = await told('ERROR before\nstart a\nERROR harmless\nERROR one\nERROR two\nstart b\nERROR three\nend b\n');
    expect(evidence.error?.text).toBe('ERROR before');
    expect(evidence.steps.get('a')).toMatchObject({ started: 1, ended: 0, error: { text: 'ERROR one' } });
    expect(evidence.steps.get('b')).toMatchObject({ started: 1, ended: 1, error: { text: 'ERROR three' } });
    expect(evidence.currentStep).toBeNull();
  });

  it('follows a traceback to its last line, and tells the place of its first', async () => {
    const log = 'start a\nTraceback (most recent call last):\n  File "x.py"\n    boom()\nValueError: no\nERROR later\n';
    expect((await told(log)).steps.get('a')?.error).toEqual({ text: 'ValueError: no', at: log.indexOf('Traceback') });
    const cut = 'start a\nTraceback (most recent call last):\n  File "x.py"\n';
    expect((await told(cut)).steps.get('a')?.error?.text).toBe('Traceback (most recent call last):');
  });

  it('lets errors of a step decide, in that step alone', async () => {
    expect((await told('start a\nno cells\nend a\n', ['^no cells'])).steps.get('a')).toMatchObject({
      isFatal: true,
      error: { text: 'no cells' },
    });
    expect((await told('start b\nno cells\nend b\nstart a\nend a\n', ['^no cells'])).steps.get('a')).toMatchObject({
      isFatal: false,
      error: null,
    });
  });

  it('counts a step that is done twice', async () => {
    expect((await told('start a\nstart a\nend a\n')).steps.get('a')).toMatchObject({ started: 2, ended: 1 });
  });
});
