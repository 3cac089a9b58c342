import { formatDate, formatList } from '../../locales/formats';
import { text } from '../../locales/text';
import { readCron, type CronFields } from './cron';

/** Times of a day that are told one by one. */
const MOST_TIMES = 6;
/** A Sunday, and the first of a January, in UTC. */
const SUNDAY_MS = Date.UTC(2023, 0, 1);
const DAY_MS = 86_400_000;

/** "Every Monday and Thursday, at 02:30": a cron expression in the language of the moment. @throws InvalidInputError as `readCron`. */
export function cronInWords(expression: string): string {
  const fields = readCron(expression);
  const values = { days: daysInWords(fields), times: timesInWords(fields) };
  if (fields.months === null) return text('schedules.cronSentence', values);
  return text('schedules.cronSentenceMonths', { ...values, months: formatList(fields.months.map(monthName)) });
}

/** A moment by the clock of a time zone: "Mon, 30 Nov 2026, 02:30". */
export function momentInZone(ms: number, timeZone: string): string {
  const day = { weekday: 'short', year: 'numeric', month: 'short', day: 'numeric' } as const;
  return formatDate(ms, { ...day, hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
}

/** Where both a day of the month and a weekday are named, either will do: so cron has it. */
function daysInWords({ days, weekdays }: CronFields): string {
  if (days === null && weekdays === null) return text('schedules.cronEveryDay');
  const ofWeek = weekdays === null ? '' : weekdaysInWords(weekdays);
  if (days === null) return text('schedules.cronWeekdays', { weekdays: ofWeek });
  const list = formatList(days.map(String));
  if (weekdays === null) return text('schedules.cronDays', { days: list });
  return text('schedules.cronDaysAndWeekdays', { days: list, weekdays: ofWeek });
}

function weekdaysInWords(weekdays: readonly number[]): string {
  return weekdays.join() === '1,2,3,4,5' ? text('schedules.cronWorkdays') : formatList(weekdays.map(weekdayName));
}

function timesInWords({ minutes, hours }: CronFields): string {
  if (hours !== null && minutes !== null && minutes.length * hours.length <= MOST_TIMES) {
    const times = hours.flatMap((hour) => minutes.map((minute) => `${twoDigits(hour)}:${twoDigits(minute)}`));
    return text('schedules.cronAt', { times: formatList(times) });
  }
  const step = hours === null ? 0 : 24 / hours.length;
  if (minutes?.join() === '0' && hours?.every((hour, index) => hour === index * step))
    return text('schedules.cronEveryHours', { count: step });
  const often = oftenInWords(minutes);
  return hours === null ? often : text('schedules.cronWithinHours', { often, hours: hoursInWords(hours) });
}

function oftenInWords(minutes: readonly number[] | null): string {
  if (minutes === null) return text('schedules.cronEveryMinute');
  const [first, second = 60] = minutes;
  const step = second - first;
  const isEven = first === 0 && minutes.length * step === 60 && minutes.every((minute, index) => minute === index * step);
  if (isEven && minutes.length > 1) return text('schedules.cronEveryMinutes', { count: step });
  if (minutes.length === 1 && first === 0) return text('schedules.cronEveryHour');
  return text('schedules.cronMinutes', { minutes: formatList(minutes.map(String)) });
}

/** Hours in a row by the first and the last minute of them. */
function hoursInWords(hours: readonly number[]): string {
  const [first, last] = [hours[0], hours.at(-1) ?? 0];
  if (hours.length > 1 && last - first === hours.length - 1)
    return text('schedules.cronFromTo', { from: `${twoDigits(first)}:00`, to: `${twoDigits(last)}:59` });
  return text('schedules.cronHours', { hours: formatList(hours.map((hour) => `${twoDigits(hour)}:00`)) });
}

export function weekdayName(weekday: number): string {
  return formatDate(SUNDAY_MS + weekday * DAY_MS, { weekday: 'long', timeZone: 'UTC' });
}

function monthName(month: number): string {
  return formatDate(Date.UTC(2023, month - 1, 15), { month: 'long', timeZone: 'UTC' });
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
