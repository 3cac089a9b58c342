import { InvalidInputError } from '../../common/errors';
import { cronOf, FRESH_TIMES, plainTimes, type PlainTimes } from './plain-times';

const SAID: [Partial<PlainTimes>, string][] = [
  [{ often: 'day', at: '02:30' }, '30 2 * * *'],
  [{ often: 'workdays', at: '07:00' }, '0 7 * * 1-5'],
  [{ often: 'week', at: '23:59', weekday: '0' }, '59 23 * * 0'],
  [{ often: 'month', at: '00:05', day: '31' }, '5 0 31 * *'],
  [{ often: 'hours', hours: '1' }, '0 * * * *'],
  [{ often: 'hours', hours: '12' }, '0 */12 * * *'],
];

describe('plain times', () => {
  it.each(SAID)('%j are a cron expression, and come back out of it: %s', (said, cron) => {
    expect(cronOf({ ...FRESH_TIMES, ...said })).toBe(cron);
    expect(plainTimes(cron)).toEqual({ ...FRESH_TIMES, ...said, cron });
  });

  it('are read from other ways to write the same', () => {
    expect(plainTimes('0 6 * * mon')).toMatchObject({ often: 'week', weekday: '1', at: '06:00' });
    expect(plainTimes('0 0,6,12,18 * * *')).toMatchObject({ often: 'hours', hours: '6' });
    expect(cronOf({ ...FRESH_TIMES, often: 'day', at: '7:05' })).toBe('5 7 * * *');
  });

  it.each(['*/10 * * * *', '5 * * * *', '30 */6 * * *', '0 1,5 * * *', '0 6 * * mon,thu', '0 6 1 * 1', '0 6 1,15 * *', '0 6 * jan *'])(
    'say nothing of %s, which stays as it is',
    (cron) => {
      expect(plainTimes(cron)).toEqual({ ...FRESH_TIMES, often: 'cron', cron });
      expect(cronOf(plainTimes(cron))).toBe(cron);
    },
  );

  it.each<[Partial<PlainTimes>, string]>([
    [{ at: '24:00' }, 'at'],
    [{ at: '' }, 'at'],
    [{ often: 'week', weekday: '7' }, 'weekday'],
    [{ often: 'month', day: '32' }, 'day'],
    [{ often: 'month', day: '1 * *' }, 'day'],
    [{ often: 'hours', hours: '5' }, 'hours'],
    [{ often: 'cron', cron: '' }, 'cron'],
  ])('that are wrong are told at their field: %j', (wrong, field) => {
    expect(() => cronOf({ ...FRESH_TIMES, ...wrong })).toThrow(expect.objectContaining({ field }) as InvalidInputError);
  });
});
