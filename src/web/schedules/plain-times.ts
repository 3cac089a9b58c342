import { InvalidInputError } from '../../common/errors';
import { normalCron, readCron } from '../../common/schedules/cron';

/** How people say when something starts; `cron` for what needs an expression. */
export const OFTEN = ['day', 'workdays', 'week', 'month', 'hours', 'cron'] as const;
export type Often = (typeof OFTEN)[number];

/** So many hours divide a day, so that each of its days is like the next. */
export const HOUR_STEPS = [1, 2, 3, 4, 6, 8, 12] as const;

/** The fields in which somebody says when, as they were typed. */
export interface PlainTimes {
  often: Often;
  /** `02:30`. */
  at: string;
  /** 0 is Sunday. */
  weekday: string;
  /** Of the month, from 1. */
  day: string;
  /** One of `HOUR_STEPS`. */
  hours: string;
  /** An expression; counts where `often` says so. */
  cron: string;
}

/** What a form offers first. */
export const FRESH_TIMES: PlainTimes = { often: 'day', at: '02:00', weekday: '1', day: '1', hours: '6', cron: '' };

const TIME = /^([01]?\d|2[0-3]):([0-5]\d)$/;

/** The cron expression that the fields make. @throws InvalidInputError for the field that is wrong: `at`, `weekday`, `day`, `hours` or `cron`. */
export function cronOf(times: PlainTimes): string {
  switch (times.often) {
    case 'cron':
      return normalCron(times.cron);
    case 'hours': {
      const step = HOUR_STEPS.find((hours) => String(hours) === times.hours);
      if (step === undefined) throw new InvalidInputError('schedules.hoursBad', {}, 'hours');
      return step === 1 ? '0 * * * *' : `0 */${step} * * *`;
    }
    case 'day':
      return `${clockOf(times)} * * *`;
    case 'workdays':
      return `${clockOf(times)} * * 1-5`;
    case 'week':
      if (!/^[0-6]$/.test(times.weekday)) throw new InvalidInputError('schedules.weekdayBad', {}, 'weekday');
      return `${clockOf(times)} * * ${times.weekday}`;
    case 'month': {
      const day = /^\s*\d{1,2}\s*$/.test(times.day) ? Number(times.day) : 0;
      if (day < 1 || day > 31) throw new InvalidInputError('schedules.dayBad', {}, 'day');
      return `${clockOf(times)} ${day} * *`;
    }
  }
}

/** The fields of somebody who writes the expression. */
export function cronTimes(cron: string): PlainTimes {
  return { ...FRESH_TIMES, often: 'cron', cron };
}

/** The fields that make an expression; only its own field where no others do. */
export function plainTimes(cron: string): PlainTimes {
  const times = cronTimes(cron);
  const { minutes, hours, days, months, weekdays } = readCron(cron);
  const [minute] = minutes ?? [];
  if (minute === undefined || minutes?.length !== 1 || months !== null) return times;
  const step = minute === 0 && days === null && weekdays === null ? stepOf(hours) : null;
  if (step !== null) return { ...times, often: 'hours', hours: String(step) };
  if (hours?.length !== 1) return times;
  const at = `${twoDigits(hours[0])}:${twoDigits(minute)}`;
  if (days === null && weekdays === null) return { ...times, often: 'day', at };
  if (days === null && weekdays?.join() === '1,2,3,4,5') return { ...times, often: 'workdays', at };
  if (days === null && weekdays?.length === 1) return { ...times, often: 'week', at, weekday: String(weekdays[0]) };
  if (weekdays === null && days?.length === 1) return { ...times, often: 'month', at, day: String(days[0]) };
  return times;
}

/** After how many hours the next one comes, all day long; null where that differs. */
function stepOf(hours: readonly number[] | null): number | null {
  const step = hours === null ? 1 : 24 / hours.length;
  if (!HOUR_STEPS.some((one) => one === step)) return null;
  return (hours ?? []).every((hour, index) => hour === index * step) ? step : null;
}

/** Minute and hour, as cron has them. */
function clockOf({ at }: PlainTimes): string {
  const [, hour, minute] = TIME.exec(at.trim()) ?? [];
  if (hour === undefined) throw new InvalidInputError('schedules.atBad', {}, 'at');
  return `${Number(minute)} ${Number(hour)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
