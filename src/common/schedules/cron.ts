import { CronTime } from 'cron';
import { InvalidInputError } from '../errors';
import { timeZoneName } from '../../locales/formats';
import { text, type TextKey } from '../../locales/text';

/** The five fields of a cron expression as numbers, ascending; null: any. */
export interface CronFields {
  minutes: readonly number[] | null;
  hours: readonly number[] | null;
  days: readonly number[] | null;
  months: readonly number[] | null;
  /** 0 is Sunday. */
  weekdays: readonly number[] | null;
}

interface Field {
  name: keyof CronFields;
  word: TextKey;
  low: number;
  high: number;
  names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { name: 'minutes', word: 'schedules.fieldMinute', low: 0, high: 59, names: [] },
  { name: 'hours', word: 'schedules.fieldHour', low: 0, high: 23, names: [] },
  { name: 'days', word: 'schedules.fieldDay', low: 1, high: 31, names: [] },
  { name: 'months', word: 'schedules.fieldMonth', low: 1, high: 12, names: MONTHS },
  { name: 'weekdays', word: 'schedules.fieldWeekday', low: 0, high: 7, names: WEEKDAYS },
];
const LONGEST = 100;
const RANGE = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d{1,4}))?$/;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** In each of these there are few times before the first one is found. */
const WINDOWS_MS = [3 * MINUTE_MS, 3 * HOUR_MS, 3 * DAY_MS, 63 * DAY_MS, 800 * DAY_MS, 4000 * DAY_MS];

/**
 * Reads minute, hour, day of the month, month and day of the week, separated by blanks.
 * @throws InvalidInputError for the field `cron`, which names the part that is wrong.
 */
export function readCron(expression: string): CronFields {
  const parts = expression.trim().split(/\s+/);
  if (expression.length > LONGEST || parts.length !== FIELDS.length) throw new InvalidInputError('schedules.cronParts', {}, 'cron');
  const fields = Object.fromEntries(FIELDS.map((field, index) => [field.name, numbersOf(field, parts[index].toLowerCase())]));
  return fields as unknown as CronFields;
}

/** The same expression as it is stored. @throws as `readCron`. */
export function normalCron(expression: string): string {
  readCron(expression);
  return expression.trim().split(/\s+/).join(' ').toLowerCase();
}

/** @throws InvalidInputError for the field `timeZone`. */
export function checkTimeZone(entered: string): string {
  const zone = entered.trim();
  try {
    if (zone.length > 64 || !/^[A-Z]/i.test(zone)) throw new RangeError('no name of a zone');
    return timeZoneName(zone);
  } catch {
    throw new InvalidInputError('schedules.timeZoneUnknown', { zone: zone.slice(0, 64) }, 'timeZone');
  }
}

/** The first time after a moment; null where there is none within years (the 30th of February). A time that the clock skips in spring is when it jumps. */
export function nextTime(cron: string, timeZone: string, afterMs: number): number | null {
  try {
    const time = new CronTime(cron, timeZone);
    // In autumn the clock shows an hour twice, and the second of them lies before what it looks like.
    for (let fromMs = afterMs; fromMs <= afterMs + 3 * HOUR_MS; fromMs += HOUR_MS) {
      const foundMs = time.getNextDateFrom(new Date(fromMs), timeZone).toMillis();
      if (foundMs > afterMs) return foundMs;
    }
    return null;
  } catch {
    return null;
  }
}

/** The next times after a moment, the first first. */
export function nextTimes(cron: string, timeZone: string, afterMs: number, most: number): number[] {
  const times: number[] = [];
  for (let last = nextTime(cron, timeZone, afterMs); last !== null && times.length < most; last = nextTime(cron, timeZone, last))
    times.push(last);
  return times;
}

/** The last time from `fromMs`, which is one, to `nowMs`, both included; without a look at each of them. */
export function lastTime(cron: string, timeZone: string, fromMs: number, nowMs: number): number {
  for (const window of WINDOWS_MS) {
    const startMs = Math.max(fromMs, nowMs - window);
    let found = startMs === fromMs ? fromMs : nextTime(cron, timeZone, startMs);
    if (found === null || found > nowMs) continue;
    for (let later = nextTime(cron, timeZone, found); later !== null && later <= nowMs; later = nextTime(cron, timeZone, found))
      found = later;
    return found;
  }
  return fromMs;
}

/** How many times there are from `fromMs`, which is one, up to before `untilMs`; at most `most`. */
export function countTimes(cron: string, timeZone: string, fromMs: number, untilMs: number, most: number): number {
  let count = 0;
  for (let at: number | null = fromMs; at !== null && at < untilMs && count < most; at = nextTime(cron, timeZone, at)) count += 1;
  return count;
}

function numbersOf(field: Field, part: string): number[] | null {
  if (part === '*') return null;
  const found = new Set(part.split(',').flatMap((range) => rangeOf(field, range)));
  const numbers = [...found].map((number) => (field.name === 'weekdays' && number === 7 ? 0 : number));
  const sorted = [...new Set(numbers)].sort((one, other) => one - other);
  const all = field.high - field.low + (field.name === 'weekdays' ? 0 : 1);
  return sorted.length === all ? null : sorted;
}

function rangeOf(field: Field, range: string): number[] {
  const { low, high } = field;
  const [, any, first, last, step] = RANGE.exec(range) ?? fault(field, range);
  const from = any ? low : numberOf(field, first ?? '', range);
  const to = any ? high : last === undefined ? (step === undefined ? from : high) : numberOf(field, last, range);
  const by = Number(step ?? 1);
  if (by === 0 || to < from) fault(field, range);
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

function numberOf(field: Field, word: string, range: string): number {
  const named = field.names.indexOf(word);
  if (named >= 0) return named + (field.name === 'months' ? 1 : 0);
  const number = /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  return number >= field.low && number <= field.high ? number : fault(field, range);
}

function fault({ word, low, high }: Field, range: string): never {
  throw new InvalidInputError('schedules.cronPart', { part: range.slice(0, 20), field: text(word), low, high }, 'cron');
}
