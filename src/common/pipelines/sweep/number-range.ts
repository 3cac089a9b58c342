import { text } from '../../../locales/text';

/** Either what a range stands for, or the sentence that says what is wrong with it. */
export type RangeValues = { values: string[] } | { fault: string };

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const RANGE = new RegExp(String.raw`^(${NUMBER})\s*(?:\.\.|…|–|\bto\b)\s*(${NUMBER})(?:\s+(step|by|in)\s+(${NUMBER}))?$`, 'i');
/** Digits that survive being written and read again as a number of JavaScript. */
const DIGITS = 12;

/** A number as a whole number of units of `10 ** -places`. */
interface Decimal {
  units: bigint;
  places: number;
}

/**
 * The numbers of `1..10`, `0.5..2 step 0.5` (also `by`) or `0.1..1 in 4` (so many, evenly). The last one is there only if the steps meet it.
 * Steps are counted in decimals: 0.1 .. 0.3 is 0.1, 0.2, 0.3 and nothing like 0.30000000000000004.
 * @param most numbers at most. @returns null for what is no range.
 */
export function numberRange(entry: string, type: 'integer' | 'number', most: number): RangeValues | null {
  const [, first, last, how, amount] = RANGE.exec(entry.trim()) ?? [];
  // As other programs write it, each in another order.
  if (/^[\d.eE+-]+(?::[\d.eE+-]+){1,2}$/.test(entry.trim())) return { fault: text('sweep.badRange', { entry }) };
  if (first === undefined || last === undefined) return null;
  if (how?.toLowerCase() === 'in') return evenly(entry, type, { from: Number(first), to: Number(last), count: Number(amount), most });
  if (how === undefined && type === 'number' && !(isWhole(first) && isWhole(last)))
    return { fault: text('sweep.rangeNeedsStep', { entry }) };
  const [from, to, step] = [first, last, amount ?? '1'].map(asDecimal);
  if (!from || !to || !step || step.units === 0n) return { fault: text('sweep.badRange', { entry }) };
  const places = Math.max(from.places, to.places, step.places);
  const [start, end] = [inPlaces(from, places), inPlaces(to, places)];
  const size = inPlaces(step, places) < 0n ? -inPlaces(step, places) : inPlaces(step, places);
  const count = (start <= end ? end - start : start - end) / size + 1n;
  if (count > BigInt(most)) return { fault: text('sweep.tooManyValues', { entry, most }) };
  const direction = start <= end ? size : -size;
  return { values: Array.from({ length: Number(count) }, (_, index) => written(start + direction * BigInt(index), places)) };
}

function evenly(
  entry: string,
  type: 'integer' | 'number',
  { from, to, count, most }: { from: number; to: number; count: number; most: number },
): RangeValues {
  if (!Number.isSafeInteger(count) || count < 2) return { fault: text('sweep.badCount', { entry }) };
  if (count > most) return { fault: text('sweep.tooManyValues', { entry, most }) };
  const values = Array.from({ length: count }, (_, index) => {
    const value = from + ((to - from) * index) / (count - 1);
    return String(type === 'integer' ? Math.round(value) : Number(value.toPrecision(DIGITS)));
  });
  return values.every((value) => Number.isFinite(Number(value))) ? { values } : { fault: text('sweep.badRange', { entry }) };
}

function isWhole(entry: string): boolean {
  return /^[+-]?\d+$/.test(entry);
}

/** Null for numbers so far from one that their range would be no use. */
function asDecimal(entry: string): Decimal | null {
  const [mantissa, exponent = '0'] = entry.toLowerCase().split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const shift = Number(exponent);
  if (Math.abs(shift) > 30 || whole.length + fraction.length > 40) return null;
  const places = fraction.length - shift;
  const units = BigInt(`${whole.replace(/^[+-]/, '') || '0'}${fraction}`) * 10n ** BigInt(Math.max(0, -places));
  return { units: whole.startsWith('-') ? -units : units, places: Math.max(0, places) };
}

function inPlaces({ units, places }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - places);
}

function written(units: bigint, places: number): string {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places);
  return `${units < 0n ? '-' : ''}${whole}${places === 0 ? '' : `.${fraction}`}`;
}
