import { InvalidInputError, LimitError } from '../../common/errors';
import type { Manifest } from '../../common/pipelines/manifest';
import { asEntries, type Entered } from '../../common/pipelines/parameters';
import { checkTimeZone, nextTime, nextTimes, normalCron } from '../../common/schedules/cron';
import { cronInWords, momentInZone } from '../../common/schedules/cron-words';
import type { Schedule } from '../../common/schedules/schedule.entity';
import { timeZoneName } from '../../locales/formats';
import { checkField, fieldText, type FormErrors } from '../http/form';

/** What was typed. */
export interface EnteredSchedule {
  name: string;
  cron: string;
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
}

const MOST_NAME = 100;
/** What a row holds in either database. */
const MOST_STORED_BYTES = 60_000;
const SHOWN_TIMES = 5;

/** Expressions that one press puts into the form. */
export const EXAMPLES = ['0 * * * *', '0 2 * * *', '0 7 * * 1-5', '0 6 * * 1', '0 6 1 * *'] as const;

/** That of the server, which the clock on the wall of the lab probably shows as well. */
export function ownTimeZone(): string {
  return timeZoneName();
}

export function timeZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}

export function readSchedule(form: unknown): EnteredSchedule {
  return {
    name: fieldText(form, 'name'),
    // A press on one of the examples.
    cron: fieldText(form, 'example') || fieldText(form, 'cron'),
    timeZone: fieldText(form, 'timeZone'),
    skipsRunning: fieldText(form, 'skipsRunning') === 'yes',
  };
}

/** @returns what is right, and what is not by its field. */
export function checkSchedule(entered: EnteredSchedule, nowMs: number): { checked: CheckedSchedule; errors: FormErrors } {
  const errors: FormErrors = {};
  const name = checkField(errors, () => checkName(entered.name)) ?? '';
  const timeZone = checkField(errors, () => checkTimeZone(entered.timeZone)) ?? 'UTC';
  const cron = checkField(errors, () => checkCron(entered.cron, timeZone, nowMs)) ?? '';
  return { checked: { name, cron, timeZone, skipsRunning: entered.skipsRunning }, errors };
}

export function timesOf(cron: string, timeZone: string, nowMs: number): ScheduleTimes | null {
  const coming = comingTimes(cron, timeZone, nowMs);
  return coming && { sentence: cronInWords(cron), next: coming.map((ms) => momentInZone(ms, checkTimeZone(timeZone))) };
}

/** In milliseconds since 1970; null where the expression or the zone is none. */
export function comingTimes(cron: string, timeZone: string, nowMs: number): number[] | null {
  try {
    return nextTimes(normalCron(cron), checkTimeZone(timeZone), nowMs, SHOWN_TIMES);
  } catch (error) {
    if (error instanceof InvalidInputError) return null;
    throw error;
  }
}

/** What keeps an expression that is being written from being one, as a sentence; '' for none, and where nothing is written yet. */
export function whyNoTimes({ cron, timeZone }: EnteredSchedule, nowMs: number): string {
  if (cron.trim() === '') return '';
  const errors: FormErrors = {};
  const zone = checkField(errors, () => checkTimeZone(timeZone));
  if (zone !== undefined) checkField(errors, () => checkCron(cron, zone, nowMs));
  return errors['cron'] ?? errors['timeZone'] ?? '';
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

function checkCron(entered: string, timeZone: string, nowMs: number): string {
  const cron = normalCron(entered);
  if (nextTime(cron, timeZone, nowMs) === null) throw new InvalidInputError('schedules.cronNever', {}, 'cron');
  return cron;
}
