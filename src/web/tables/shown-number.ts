import { formatNumber } from '../../locales/formats';

const WHOLE = { maximumFractionDigits: 0 };
const USUAL = { maximumSignificantDigits: 5 };
const LARGE = 1e15;
const LARGE_FRACTION = 1e9;
const SMALL = 1e-4;

/** A figure as people read it: five digits, whole numbers with all of theirs, very large and very small ones with a power of ten. */
export function shownNumber(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '–';
  const amount = Math.abs(value);
  if (amount === Infinity) return formatNumber(value, USUAL);
  if (Number.isInteger(value) && amount < LARGE) return formatNumber(value, WHOLE);
  if (amount >= LARGE_FRACTION || amount < SMALL) return value.toExponential(3).replace('e+', 'e');
  return formatNumber(value, USUAL);
}
