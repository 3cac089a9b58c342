import { InvalidInputError, LimitError } from '../../common/errors';
import type { Manifest } from '../../common/pipelines/manifest';
import { asEntries, type Entered } from '../../common/pipelines/parameters';
import { checkTimeZone, nextTime, nextTimes, normalCron } from '../../common/schedules/cron';
import { cronInWords, momentInZone } from '../../common/schedules/cron-words';
import type { Schedule } from '../../common/schedules/schedule.entity';
import { timeZoneName } from '../../locales/formats';
import { checkField, fieldText, type FormErrors } from '../http/form';
import { cronOf, OFTEN, plainTimes, type PlainTimes } from './plain-times';

/** What was typed. */
export interface EnteredSchedule extends PlainTimes {
  name: string;
  timeZone: string;
  skipsRunning: boolean;
}

/** What is right of it. */
export type CheckedSchedule = Pick<Schedule, 'name' | 'cron' | 'timeZone' | 'skipsRunning'>;

/** When it would start, in words; null where the expression is none. */
export interface ScheduleTimes {
  sentence: string;
  /** By the clock of its zone. */
  next: string[];
  /** What time it is in its zone. */
  now: string;
}

const MOST_NAME = 100;
/** What a row holds in either database. */
const MOST_STORED_BYTES = 60_000;
const SHOWN_TIMES = 5;

/** That of the server, which the clock on the wall of the lab probably shows as well. */
export function ownTimeZone(): string {
  return timeZoneName();
}

export function timeZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}

/** What the form holds of one that is there. */
export function enteredOf({ name, cron, timeZone, skipsRunning }: CheckedSchedule): EnteredSchedule {
  return { name, timeZone, skipsRunning, ...plainTimes(cron) };
}

export function readSchedule(form: unknown): EnteredSchedule {
  const [at, weekday, day, hours, cron] = ['at', 'weekday', 'day', 'hours', 'cron'].map((name) => fieldText(form, name));
  return {
    name: fieldText(form, 'name'),
    often: OFTEN.find((often) => often === fieldText(form, 'often')) ?? 'cron',
    at,
    weekday,
    day,
    hours,
    cron,
    timeZone: fieldText(form, 'timeZone'),
    skipsRunning: fieldText(form, 'skipsRunning') === 'yes',
  };
}

/** @returns what is right, and what is not by its field. */
export function checkSchedule(entered: EnteredSchedule, nowMs: number): { checked: CheckedSchedule; errors: FormErrors } {
  const errors: FormErrors = {};
  const name = checkField(errors, () => checkName(entered.name)) ?? '';
  const timeZone = checkField(errors, () => checkTimeZone(entered.timeZone)) ?? 'UTC';
  const cron = checkField(errors, () => checkCron(entered, timeZone, nowMs)) ?? '';
  return { checked: { name, cron, timeZone, skipsRunning: entered.skipsRunning }, errors };
}

export function timesOf(entered: EnteredSchedule, nowMs: number): ScheduleTimes | null {
  return nullIfInvalid(() => {
    const cron = cronOf(entered);
    const zone = checkTimeZone(entered.timeZone);
    return {
      sentence: cronInWords(cron),
      next: startsOf(cron, zone, nowMs).map((ms) => momentInZone(ms, zone)),
      now: momentInZone(nowMs, zone),
    };
  });
}

/** In milliseconds since 1970; null where the expression or the zone is none. */
export function comingTimes(cron: string, timeZone: string, nowMs: number): number[] | null {
  return nullIfInvalid(() => startsOf(normalCron(cron), checkTimeZone(timeZone), nowMs));
}

function startsOf(cron: string, zone: string, nowMs: number): number[] {
  return nextTimes(cron, zone, nowMs, SHOWN_TIMES);
}

function nullIfInvalid<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidInputError) return null;
    throw error;
  }
}

/** What keeps the fields that are being filled in from saying when, as a sentence; '' for none, and where no expression is written yet. */
export function whyNoTimes(entered: EnteredSchedule, nowMs: number): string {
  if (entered.often === 'cron' && entered.cron.trim() === '') return '';
  const errors: FormErrors = {};
  const zone = checkField(errors, () => checkTimeZone(entered.timeZone));
  if (zone !== undefined) checkField(errors, () => checkCron(entered, zone, nowMs));
  return Object.values(errors)[0] ?? '';
}

/** What the page before wrote; anything else counts as nothing. */
export function readCarried({ parameters }: Pick<Manifest, 'parameters'>, json: string): Entered {
  try {
    const read: unknown = JSON.parse(json);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? asEntries(parameters, read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** @throws LimitError for more than a row holds. */
export function requireRoomFor(entered: Entered): void {
  if (Buffer.byteLength(JSON.stringify(entered)) > MOST_STORED_BYTES) throw new LimitError('schedules.tooLarge');
}

function checkName(entered: string): string {
  const name = entered.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
  if (name === '' || name.length > MOST_NAME) throw new InvalidInputError('schedules.nameBad', { most: MOST_NAME }, 'name');
  return name;
}

function checkCron(entered: EnteredSchedule, timeZone: string, nowMs: number): string {
  const cron = cronOf(entered);
  if (nextTime(cron, timeZone, nowMs) === null) throw new InvalidInputError('schedules.cronNever', {}, 'cron');
  return cron;
}
