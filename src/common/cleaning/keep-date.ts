import { InvalidInputError } from '../errors';

const LAST_YEAR = 2200;

/**
 * The end of a day as somebody types it, `2027-03-31`, in the time zone of this machine.
 * @returns milliseconds since 1970. @throws InvalidInputError for the field `until`: no such day, or one that is over.
 */
export function parseKeepDate(entered: string, nowMs: number): number {
  const [, year, month, day] = (/^\s*(\d{4})-(\d{2})-(\d{2})\s*$/.exec(entered) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) throw new InvalidInputError('operations.noDate', {}, 'until');
  const start = new Date(year, month - 1, day);
  const isReal = start.getMonth() === month - 1 && start.getDate() === day;
  if (!isReal || year > LAST_YEAR) throw new InvalidInputError('operations.noDate', {}, 'until');
  // By the calendar: where clocks are changed a day has 23 or 25 hours.
  const endMs = new Date(year, month - 1, day + 1).getTime();
  if (endMs <= nowMs) throw new InvalidInputError('operations.datePast', {}, 'until');
  return endMs;
}
