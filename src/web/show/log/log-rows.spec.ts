import * as fc from 'fast-check';
import { cutRows, LONGEST_ROW, readingStart, SEGMENT, type RawRow } from './log-rows';

const whole = (log: Buffer) => cutRows(log, 0, true);
const texts = (rows: RawRow[]) => rows.map((row) => row.bytes.toString());
/** The rows of a log that begins with lines of these lengths; the last has no newline. */
const logOf = (lengths: number[], letter = 'x') => Buffer.from(lengths.map((length) => letter.repeat(length)).join('\n'));

describe('cutRows', () => {
  it('cuts at newlines', () => {
    expect(texts(whole(Buffer.from('one\n\ntwo\nthree')))).toEqual(['one', '', 'two', 'three']);
    expect(whole(Buffer.from('one\ntwo'))).toMatchObject([
      { at: 0, end: 4, isEnded: true },
      { at: 4, end: 7, isEnded: false },
    ]);
    expect(whole(Buffer.alloc(0))).toEqual([]);
  });

  it('cuts a line that never ends into parts', () => {
    const rows = whole(logOf([5, 100_000, 5]));
    expect(rows.map((row) => row.isContinued)).toEqual([false, false, true, true, true, true, true, false]);
    expect(Buffer.concat(rows.map((row) => row.bytes)).length).toBe(100_010);
    for (const row of rows) expect(row.end - row.at).toBeLessThanOrEqual(LONGEST_ROW);
  });

  it('never cuts a character', () => {
    const rows = whole(Buffer.from(`xx${'µ'.repeat(50_000)}`));
    expect(rows.length).toBeGreaterThan(3);
    expect(texts(rows).join('')).toBe(`xx${'µ'.repeat(50_000)}`);
  });

  it('finds the same rows wherever reading begins, and while the log grows', () => {
    const lengths = fc.array(fc.oneof(fc.nat(100), fc.nat(5 * SEGMENT), fc.constantFrom(SEGMENT - 1, SEGMENT, 2 * SEGMENT)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(lengths, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(4 * SEGMENT), (some, place, more) => {
        const log = logOf(some);
        const all = whole(log);
        const at = Math.floor(place * log.length);
        const base = readingStart(at);
        const wanted = all.filter((row) => row.end > at);
        const bytes = log.subarray(base);
        expect(shape(cutRows(bytes, base, true).filter((row) => row.end > at))).toEqual(shape(wanted));
        // A piece of it gives the first of them, and the same.
        const piece = shape(
          cutRows(log.subarray(base, at + 4 * SEGMENT + more), base, at + 4 * SEGMENT + more >= log.length).filter((row) => row.end > at),
        );
        expect(piece).toEqual(shape(wanted).slice(0, piece.length));
        if (wanted.length > 0) expect(piece.length).toBeGreaterThan(0);
        // What was there before it grew still begins where it began.
        const before = shape(whole(log.subarray(0, at))).slice(0, -2);
        expect(shape(all).slice(0, before.length)).toEqual(before);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('covers what the rest of a line draws over', () => {
    const bar = Buffer.from(`begin\n${Array.from({ length: 9000 }, (_, index) => `\rtile ${index}`).join('')}\nend\n`);
    const rows = whole(bar);
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter((row) => !row.isCovered).map((row) => row.bytes.toString().split('\r').at(-1))).toEqual([
      'begin',
      'tile 8999',
      'end',
    ]);
  });
});

const shape = (rows: RawRow[]) => rows.map(({ at, end, isEnded }) => ({ at, end, isEnded }));
