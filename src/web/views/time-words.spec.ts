import { english } from '../../locales/text';
import { date, duration, endByPace, fullTime, relativeTime, timeLeft } from '../../browser/time-words';

const words = english.common;
const NOW = Date.parse('2026-11-21T12:00:00Z'); // a Saturday

describe('times in words', () => {
  it.each([
    [0, 'just now'],
    [-4_000, 'just now'],
    [3_000, 'in a moment'],
    [-12_000, '12 s ago'],
    [-12 * 60_000, '12 min ago'],
    [-5 * 3_600_000, '5 h ago'],
    [4 * 60_000 + 5_000, 'in 4 min'],
    [-48 * 3_600_000, 'Thu 12:00'],
    [-12 * 86_400_000, '9 November'],
    [7 * 86_400_000, '28 November'],
    [-400 * 86_400_000, '17 October 2025'],
  ])('%d ms from now is "%s"', (offset, expected) => expect(relativeTime(NOW + offset, NOW, words, { timeZone: 'UTC' })).toBe(expected));

  it('name their zone where nobody can bring them into that of the reader', () => {
    const thursday = NOW - 48 * 3_600_000;
    expect(relativeTime(thursday, NOW, words, { timeZone: 'Asia/Shanghai', namesZone: true })).toBe('Thu 20:00 GMT+8');
    expect(relativeTime(NOW - 60_000, NOW, words, { timeZone: 'UTC', namesZone: true })).toBe('1 min ago');
    expect(fullTime(NOW, 'en-GB', 'America/New_York')).toBe('Saturday, 21 November 2026 at 07:00:00 GMT-5');
  });

  it('take the year from the calendar of the reader', () => {
    const newYear = Date.parse('2026-12-31T20:00:00Z');
    const later = newYear + 20 * 86_400_000;
    expect(relativeTime(newYear, later, words, { timeZone: 'Asia/Shanghai' })).toBe('1 January');
    expect(relativeTime(newYear, later, words, { timeZone: 'UTC' })).toBe('31 December 2026');
    expect(date(newYear, 'en-GB', 'Asia/Shanghai')).toBe('1 January 2027');
  });

  it.each([
    [0.4, 'under 1 s'],
    [9.9, '9 s'],
    [60, '1 min'],
    [400, '6 min 40 s'],
    [7_200, '2 h'],
    [7_500, '2 h 5 min'],
    [90_000, '25 h'],
    [180_000, '2 d 2 h'],
  ])('%d s last "%s"', (seconds, expected) => expect(duration(seconds, words)).toBe(expected));

  it.each([
    [-600, null, 'done any moment'],
    [4, null, 'done any moment'],
    [40, null, 'less than a minute left'],
    [61, null, 'about 1 min left'],
    [12 * 60 + 20, null, 'about 12 min left'],
    [38 * 60, null, 'about 40 min left'],
    [3599, null, 'about 1 h left'],
    [3 * 3600 + 1000, null, 'about 3 h 15 min left'],
    [4 * 3600 + 3590, null, 'about 5 h left'],
    [30 * 3600, null, 'about 30 h left'],
    [70 * 3600, null, 'about 3 d left'],
    [-10, 5, 'done any moment'],
    [-10, -1, 'longer than usual'],
  ])('%d s before the end, late in %j s, is "%s"', (seconds, late, expected) => {
    const lateMs = late === null ? null : NOW + late * 1000;
    expect(timeLeft(NOW + seconds * 1000, lateMs, NOW, words)).toBe(expected);
  });

  it('guesses an end that does not come nearer while a program has stopped telling how far it is', () => {
    const pace = { sinceMs: NOW - 600_000, percent: 40 };
    const told = NOW + 900_000;
    const left = (seconds: number) => Math.round((endByPace(told, pace, NOW + seconds * 1000) - NOW) / 1000 - seconds);
    expect([0, 60, 240].map(left)).toEqual([900, 840, 660]);
    expect(left(900)).toBe(1000);
    expect(left(3600)).toBe(2800);
    expect(endByPace(NOW, { ...pace, percent: 100 }, NOW + 5000)).toBe(NOW + 5000);
  });

  it('take no memory that stays, however many stand on a page', () => {
    const megabytes = () => process.memoryUsage().rss / 1024 / 1024;
    fullTime(NOW);
    const before = megabytes();
    for (let row = 0; row < 3000; row += 1) {
      fullTime(NOW - row);
      relativeTime(NOW - row - 90 * 86_400_000, NOW, words);
    }
    expect(megabytes() - before).toBeLessThan(50);
  });
});
