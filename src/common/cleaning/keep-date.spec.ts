import { parseKeepDate } from './keep-date';

const NOW = new Date(2026, 10, 26, 12).getTime();

it('reads a day as its end', () => {
  expect(parseKeepDate(' 2026-11-30 ', NOW)).toBe(new Date(2026, 11, 1).getTime());
  expect(parseKeepDate('2026-11-26', NOW)).toBe(new Date(2026, 10, 27).getTime());
});

it.each(['', 'tomorrow', '30.11.2026', '2026-02-30', '2026-13-01', '9999-01-01', '2026-11-25'])('refuses %j for its field', (entered) => {
  expect(() => parseKeepDate(entered, NOW)).toThrow(expect.objectContaining({ field: 'until' }) as Error);
});
