import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, asyncProperty, integer } from 'fast-check';
import { LogFile } from './log-file';
import type { LogEntry } from './log-frames';

const entry = (number: number): LogEntry => ({
  // Three entries share a time each, as pieces of a long line do.
  at: `2026-01-01T00:00:${String(Math.floor(number / 3)).padStart(2, '0')}.000000000Z`,
  content: Buffer.from(`line ${number}\n`),
});
const entries = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => entry(from + index));
const lines = (from: number, to: number) =>
  entries(from, to)
    .map(({ content }) => content.toString())
    .join('');

describe('LogFile', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const content = () => readFileSync(join(folder, 'log'), 'utf8');

  async function feed(what: LogEntry[], limit = 1e6, note: string | null = null): Promise<void> {
    const file = await LogFile.open(folder, limit);
    if (note !== null) file.announce(note);
    if (what.length > 0) await file.begin(what[0], true);
    for (const one of what) if (!file.isFull) await file.take([one]);
    await file.close();
  }

  /** Feeds the last entries only, as many as are needed. @returns how many those were. */
  async function feedLast(what: LogEntry[]): Promise<number> {
    const file = await LogFile.open(folder, 1e6);
    let count = 1;
    while (count < what.length && !(await file.begin(what[what.length - count], false))) count += 1;
    if (count === what.length) await file.begin(what[0], true);
    await file.take(what.slice(-count));
    await file.close();
    return count;
  }

  it('writes each byte once, however often and wherever it was interrupted', async () => {
    await assert(
      asyncProperty(integer({ min: 0, max: 30 }), integer({ min: 0, max: 300 }), async (first, cut) => {
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), 'showrunner-log-'));
        await feed(entries(0, first));
        truncateSync(join(folder, 'log'), Math.min(cut, content().length));
        await feed(entries(0, 30));
        expect(content()).toBe(lines(0, 30));
        await feed(entries(0, 30));
        expect(content()).toBe(lines(0, 30));
      }),
      { numRuns: 40 },
    );
  });

  it('goes on with the last entries alone, as far as they reach back to what is known for certain', async () => {
    await assert(
      asyncProperty(integer({ min: 0, max: 30 }), integer({ min: 0, max: 300 }), integer({ min: 0, max: 20 }), async (first, cut, more) => {
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), 'showrunner-log-'));
        await feed(entries(0, first));
        const known = content().length;
        // A power cut takes the end, a crash leaves bytes behind the position.
        if (cut < known) truncateSync(join(folder, 'log'), cut);
        else appendFileSync(join(folder, 'log'), lines(first, 30).slice(0, more));
        const count = await feedLast(entries(0, 30));
        expect(content()).toBe(lines(0, 30));
        if (cut >= known && first > 3) expect(count).toBeLessThanOrEqual(30 - first + 6);
      }),
      { numRuns: 80 },
    );
  });

  it('tells a gap when what it looks for is not where it was', async () => {
    await feed(entries(0, 8));
    const file = await LogFile.open(folder, 1e6);
    expect(await file.begin(entry(0), false)).toBe(true);
    await file.take([...entries(0, 4), ...entries(12, 14)]);
    await file.close();
    expect(content()).toMatch(/^(line \d\n){8}\[Output is missing here.*\]\nline 12\nline 13\n$/);
  });

  it('passes its own sentences over', async () => {
    await feed(entries(0, 3));
    await feed(entries(0, 5), 1e6, '[restarted]');
    await feed(entries(0, 7), 1e6, '[again]');
    await feed(entries(0, 9));
    expect(content()).toBe(`${lines(0, 3)}[restarted]\n${lines(3, 5)}[again]\n${lines(5, 9)}`);
  });

  it('finds its place again when the engine threw away what was in front', async () => {
    await feed(entries(0, 8));
    // Bytes that were written after the position was last noted.
    await feed(entries(4, 12));
    expect(content()).toBe(lines(0, 12));
  });

  it('tells a gap when what comes next was thrown away too', async () => {
    await feed(entries(0, 5));
    await feed(entries(12, 15));
    expect(content()).toMatch(/^(line \d\n){5}\[Output is missing here.*\]\nline 12\nline 13\nline 14\n$/);
    await feed(entries(12, 18));
    expect(content().endsWith(`]\n${lines(12, 18)}`)).toBe(true);
  });

  it('ends at its limit with one note', async () => {
    const cut = `${lines(0, 5).slice(0, 20)}\n[The log ends here`;
    await feed(entries(0, 5), 20);
    expect(content().startsWith(cut)).toBe(true);
    const { length } = content();
    await feed(entries(0, 9), 20);
    expect(content()).toHaveLength(length);
    await feed(entries(0, 9), 1e6);
    expect(content()).toHaveLength(length);
  });

  it('needs no note where everything fits exactly', async () => {
    await feed(entries(0, 2), 14);
    expect(content()).toBe(lines(0, 2));
  });
});
