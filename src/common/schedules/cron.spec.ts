import { openLanguages, chooseLanguage } from '../../locales/languages';
import { inLanguage } from '../../locales/language';
import { InvalidInputError } from '../errors';
import { checkTimeZone, countTimes, lastTime, nextTime, nextTimes, normalCron, readCron } from './cron';
import { cronInWords, momentInZone } from './cron-words';

const VIENNA = 'Europe/Vienna';
const at = (moment: string) => Date.parse(moment);
const told = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

describe('a cron expression', () => {
  it('is read field by field; a star is any, Sunday is 0 or 7, names count', () => {
    expect(readCron('*/20 8-10 1,15 Jan-mar,12 7')).toEqual({
      minutes: [0, 20, 40],
      hours: [8, 9, 10],
      days: [1, 15],
      months: [1, 2, 3, 12],
      weekdays: [0],
    });
    expect(readCron('* 0-23 1-31 */1 sun-sat')).toEqual({ minutes: null, hours: null, days: null, months: null, weekdays: null });
    expect(normalCron('  0 2  * * MON ')).toBe('0 2 * * mon');
  });

  it.each(['', '0 2 * *', '0 0 2 * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '*/0 * * * *'])(
    'is refused with what is wrong: %s',
    (expression) => expect(() => readCron(expression)).toThrow(InvalidInputError),
  );

  it.each(['@daily', '5-1 * * * *', 'x * * * *', '1;2 * * * *', '* * * jan-xyz *', '1- * * * *', `${'1,'.repeat(60)}1 * * * *`])(
    'is refused where it is none: %s',
    (expression) => expect(() => readCron(expression)).toThrow(InvalidInputError),
  );

  it.each([
    ['0 2 * * *', 'Every day, at 02:00', '每天在 02:00'],
    ['30 8,12 * * 1-5', 'Monday to Friday, at 08:30 and 12:30', '周一至周五在 08:30和12:30'],
    ['0 6 * * mon,thu', 'Monday and Thursday, at 06:00', '星期一和星期四在 06:00'],
    ['15 0 1 1,7 *', 'On day 1 of the month, at 00:15; in January and July only', '仅在一月和七月：每月1日在 00:15'],
    ['0 0 13 * 5', 'On day 13 of the month and on Friday, at 00:00', '每月13日以及星期五在 00:00'],
    ['*/15 * * * *', 'Every day, every 15 minutes', '每天每 15 分钟'],
    ['0 */3 * * *', 'Every day, every 3 hours', '每天每 3 小时'],
    ['* * * * *', 'Every day, every minute', '每天每分钟'],
    ['5 * * * *', 'Every day, at minute 5 of every hour', '每天每小时第 5 分钟'],
    ['*/10 8-17 * * *', 'Every day, every 10 minutes, from 08:00 to 17:59', '每天每 10 分钟，08:00至17:59'],
    [
      '1,2,3,4 1,5 * * *',
      'Every day, at minute 1, 2, 3 and 4 of every hour, in the hours from 01:00 and 05:00',
      '每天每小时第 1、2、3和4 分钟，在01:00和05:00起的小时内',
    ],
  ])('is said as a plain sentence: %s', (expression, english, chinese) => {
    openLanguages({ DEFAULT_LANGUAGE: 'en' });
    expect(inLanguage(chooseLanguage(['en'])!, () => cronInWords(expression))).toBe(english);
    expect(inLanguage(chooseLanguage(['zh'])!, () => cronInWords(expression))).toBe(chinese);
  });
});

describe('the times of a schedule', () => {
  it('go by the clock of its zone, in summer and in winter', () => {
    expect(nextTimes('0 2 * * *', VIENNA, at('2026-10-23T12:00:00Z'), 3).map(told)).toEqual([
      '2026-10-24T00:00:00.000Z',
      '2026-10-25T00:00:00.000Z',
      '2026-10-26T01:00:00.000Z',
    ]);
    expect(momentInZone(at('2026-10-26T01:00:00Z'), VIENNA)).toContain('02:00');
  });

  it('take place once where the clock shows an hour twice, and at the jump where it skips one', () => {
    expect(nextTimes('30 2 * * *', VIENNA, at('2026-10-24T20:00:00Z'), 2).map(told)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(nextTimes('30 2 * * *', VIENNA, at('2027-03-27T20:00:00Z'), 2).map(told)).toEqual([
      '2027-03-28T01:00:00.000Z',
      '2027-03-29T00:30:00.000Z',
    ]);
  });

  it('always go on: minute by minute over a whole night in which the clock is put back', () => {
    const end = at('2026-10-25T04:00:00Z');
    let last = at('2026-10-24T23:00:00Z');
    let count = 0;
    for (let next = nextTime('*/10 * * * *', VIENNA, last); next !== null && next <= end; next = nextTime('*/10 * * * *', VIENNA, last)) {
      expect(next).toBeGreaterThan(last);
      last = next;
      count += 1;
    }
    expect(count).toBeGreaterThanOrEqual(24);
  });

  it('are none for a day that there is not', () => expect(nextTime('0 0 30 2 *', VIENNA, at('2026-11-26T00:00:00Z'))).toBeNull());

  it.each([
    ['* * * * *', '2026-11-20T00:00:00Z', '2026-11-26T00:00:30Z', '2026-11-26T00:00:00.000Z', 30],
    ['0 2 * * *', '2026-11-20T02:00:00Z', '2026-11-26T01:00:00Z', '2026-11-25T02:00:00.000Z', 5],
    ['0 0 1 1 *', '2024-01-01T00:00:00Z', '2026-11-26T00:00:00Z', '2026-01-01T00:00:00.000Z', 2],
    ['0 2 * * *', '2026-11-25T02:00:00Z', '2026-11-25T02:00:00Z', '2026-11-25T02:00:00.000Z', 0],
  ])('that nobody was there for are found without looking at each: %s', (cron, from, now, last, earlier) => {
    expect(told(lastTime(cron, 'UTC', at(from), at(now)))).toBe(last);
    expect(countTimes(cron, 'UTC', at(from), at(last), 30)).toBe(earlier);
  });

  it('know the zones of the world, and nothing else', () => {
    expect(checkTimeZone(' Europe/Vienna ')).toBe(VIENNA);
    for (const zone of ['', 'Mars/Base', '+02:00', 'x'.repeat(100)]) expect(() => checkTimeZone(zone)).toThrow(InvalidInputError);
  });
});
