/**
 * Times in words, for the server that writes a page and for the browser that keeps it true. Pure: no clock, no document.
 */

/** The sentences that times are written with; `{n}` and `{m}` are numbers. Keys of the area `common` of the locales. */
export interface TimeWords {
  justNow: string;
  secondsAgo: string;
  minutesAgo: string;
  hoursAgo: string;
  soon: string;
  inSeconds: string;
  inMinutes: string;
  inHours: string;
  seconds: string;
  minutes: string;
  minutesSeconds: string;
  hours: string;
  hoursMinutes: string;
  days: string;
  daysHours: string;
  lessThanASecond: string;
  leftUnderAMinute: string;
  leftMinutes: string;
  leftHours: string;
  leftHoursMinutes: string;
  leftDays: string;
  leftMoment: string;
  leftLate: string;
  leftCutOff: string;
  /** What Intl is asked for; British English when left out. */
  locale?: string;
  /** For sizes below a kilobyte: "{count} {count, byte|bytes}". */
  bytes?: string;
}

/** In whose time a moment is told. */
export interface ZoneChoice {
  /** IANA name; the own of whoever writes when left out. */
  timeZone?: string;
  /** Says which it is: for words that may be read elsewhere. */
  namesZone?: boolean;
}

/** Since when a program runs, and how many percent of its work it had told when it was last heard. */
export interface Pace {
  sinceMs: number;
  percent: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Clocks of two machines differ a little: what lies this few seconds away is now. */
const NOW_SECONDS = 5;
/** A guess of more is told in hours. */
const MOST_MINUTES = 57;
const LANGUAGE = 'en-GB';

/**
 * How far a moment lies from now: relative up to a day, then weekday and time, then the date.
 * @param atMs,nowMs milliseconds since 1970.
 */
export function relativeTime(atMs: number, nowMs: number, words: TimeWords, { timeZone, namesZone = false }: ZoneChoice = {}): string {
  const seconds = Math.round((nowMs - atMs) / 1000);
  const distance = Math.abs(seconds);
  const past = seconds >= 0;
  if (distance < NOW_SECONDS) return past ? words.justNow : words.soon;
  if (distance < MINUTE) return fill(past ? words.secondsAgo : words.inSeconds, distance);
  if (distance < HOUR) return fill(past ? words.minutesAgo : words.inMinutes, Math.floor(distance / MINUTE));
  if (distance < DAY) return fill(past ? words.hoursAgo : words.inHours, Math.floor(distance / HOUR));
  if (distance < 6 * DAY)
    return formatOf(namesZone ? 'weekdayAndZone' : 'weekday', words.locale, timeZone)
      .format(atMs)
      .replace(',', '');
  const year = formatOf('year', LANGUAGE, timeZone);
  return formatOf(year.format(atMs) === year.format(nowMs) ? 'day' : 'date', words.locale, timeZone).format(atMs);
}

/** A day as such: "21 November 2026". */
export function date(atMs: number, locale?: string, timeZone?: string): string {
  return formatOf('date', locale, timeZone).format(atMs);
}

const WEEKDAY = { weekday: 'short', hour: '2-digit', minute: '2-digit' } as const;
const FORMATS = {
  weekday: WEEKDAY,
  weekdayAndZone: { ...WEEKDAY, timeZoneName: 'short' },
  day: { day: 'numeric', month: 'long' },
  date: { day: 'numeric', month: 'long', year: 'numeric' },
  year: { year: 'numeric' },
  exact: { dateStyle: 'medium', timeStyle: 'medium' },
  full: { dateStyle: 'full', timeStyle: 'long' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const known = new Map<string, Intl.DateTimeFormat>();

/** Each is made once: it takes long, and memory that the engine hardly sees and so clears away late. */
function formatOf(name: keyof typeof FORMATS, locale = LANGUAGE, timeZone?: string): Intl.DateTimeFormat {
  const key = `${name} ${locale} ${timeZone ?? ''}`;
  const format = known.get(key) ?? new Intl.DateTimeFormat(locale, { ...FORMATS[name], ...(timeZone === undefined ? {} : { timeZone }) });
  known.set(key, format);
  return format;
}

/** A length of time with its two largest units. @param seconds not negative; fractions are dropped. */
export function duration(seconds: number, words: TimeWords): string {
  const whole = Math.floor(seconds);
  if (whole < 1) return words.lessThanASecond;
  if (whole < MINUTE) return fill(words.seconds, whole);
  if (whole < HOUR) return twoUnits(whole, MINUTE, 1, words.minutes, words.minutesSeconds);
  if (whole < 2 * DAY) return twoUnits(whole, HOUR, MINUTE, words.hours, words.hoursMinutes);
  return twoUnits(whole, DAY, HOUR, words.days, words.daysHours);
}

/**
 * When something will probably end that tells how far it is: as guessed when it last did, and later the longer nothing new is told.
 * One that has told nothing for long is taken to be at most a third of the rest further.
 */
export function endByPace(endMs: number, { sinceMs, percent }: Pace, nowMs: number): number {
  const most = percent + (100 - percent) / 3;
  return Math.max(endMs, nowMs + ((nowMs - sinceMs) * (100 - most)) / most);
}

/**
 * How long something probably still takes, in steps as coarse as the guess.
 * @param endMs when it will probably end.
 * @param lateMs from when on it takes longer than its like; null: that is not known.
 */
export function timeLeft(endMs: number, lateMs: number | null, nowMs: number, words: TimeWords): string {
  if (lateMs !== null && nowMs >= lateMs) return words.leftLate;
  const seconds = (endMs - nowMs) / 1000;
  if (seconds < NOW_SECONDS) return words.leftMoment;
  if (seconds < MINUTE) return words.leftUnderAMinute;
  if (seconds < MOST_MINUTES * MINUTE) return fill(words.leftMinutes, roundTo(seconds / MINUTE, seconds < 20 * MINUTE ? 1 : 5));
  if (seconds >= 2 * DAY) return fill(words.leftDays, Math.round(seconds / DAY));
  const quarters = Math.round(seconds / (15 * MINUTE));
  const rest = seconds < 5 * HOUR ? (quarters % 4) * 15 : 0;
  const hours = seconds < 5 * HOUR ? Math.floor(quarters / 4) : Math.round(seconds / HOUR);
  return rest === 0 ? fill(words.leftHours, hours) : fill(words.leftHoursMinutes, hours, rest);
}

function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}

/** The day and the time to the second, for logs. */
export function exactTime(atMs: number, locale?: string, timeZone?: string): string {
  return formatOf('exact', locale, timeZone).format(new Date(atMs));
}

/** The full local time with its zone, for titles. */
export function fullTime(atMs: number, locale?: string, timeZone?: string): string {
  return formatOf('full', locale, timeZone).format(new Date(atMs));
}

function twoUnits(seconds: number, large: number, small: number, one: string, two: string): string {
  const rest = Math.floor((seconds % large) / small);
  return rest === 0 ? fill(one, Math.floor(seconds / large)) : fill(two, Math.floor(seconds / large), rest);
}

function fill(sentence: string, n: number, m = 0): string {
  return sentence.replace('{n}', String(n)).replace('{m}', String(m));
}
