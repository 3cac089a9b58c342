import { clockTime, plainTable, timeSince } from './plain-table';

it('aligns columns, and leaves no blank at the end of a line', () => {
  expect(
    plainTable(
      ['A', 'LONG HEAD', 'C'],
      [
        ['1', 'x', 'the rest'],
        ['22', 'y', ''],
      ],
    ),
  ).toBe('A   LONG HEAD  C\n1   x          the rest\n22  y');
});

it.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_600_000, '1 h'],
  [172_800_000, '2 d'],
])('tells %d ms as %s', (ms, words) => expect(timeSince(ms)).toBe(words));

it('leaves the day out where it is today', () => {
  const at = new Date(2026, 10, 22, 4, 5).getTime();
  expect(clockTime(at, at)).toBe('04:05');
  expect(clockTime(at, new Date(2026, 10, 23).getTime())).toBe('2026-11-22 04:05');
});
