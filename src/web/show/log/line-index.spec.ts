import { afterNewline, countNewlines, INDEX_STEP, LineIndex } from './line-index';

describe('LineIndex', () => {
  const index = new LineIndex();
  const counts = Array.from({ length: 200 }, (_, step) => (step % 3 === 1 ? 0 : step));
  for (const newlines of counts) index.add(newlines);

  it('knows how far it reaches', () => {
    expect([index.reach, index.newlines]).toEqual([200 * INDEX_STEP, counts.reduce((sum, count) => sum + count)]);
  });

  it('tells the lines before each step', () => {
    expect(index.stepOf(0)).toEqual({ from: 0, newlines: 0 });
    expect(index.stepOf(3 * INDEX_STEP + 5)).toEqual({ from: 3 * INDEX_STEP, newlines: 2 });
    expect(index.stepOf(200 * INDEX_STEP)).toEqual({ from: 200 * INDEX_STEP, newlines: index.newlines });
    expect(index.stepOf(201 * INDEX_STEP)).toBeNull();
  });

  it('finds the step of every newline', () => {
    for (let newline = 1, step = 0, before = 0; newline <= index.newlines; newline++) {
      while (before + counts[step] < newline) before += counts[step++];
      expect(index.stepWith(newline)).toEqual({ from: step * INDEX_STEP, newlines: before });
    }
    expect(index.stepWith(index.newlines + 1).from).toBe(index.reach);
  });
});

it('counts and finds newlines in a piece', () => {
  const bytes = Buffer.from('one\n\nthree');
  expect(countNewlines(bytes)).toBe(2);
  expect([0, 1, 2, 3].map((newline) => afterNewline(bytes, newline))).toEqual([0, 4, 5, -1]);
});
