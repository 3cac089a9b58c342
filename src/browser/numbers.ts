/** Numbers as people type them; what is valid is passed on as typed. */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WHOLE = /^[+-]?\d+$/;

/** The number that a text means, or undefined: hexadecimal, Infinity, decimal commas and blanks within are not numbers. */
export function parseNumber(typed: string, type: 'integer' | 'number'): number | undefined {
  if (!(type === 'integer' ? WHOLE : DECIMAL).test(typed)) return undefined;
  const value = Number(typed);
  return Number.isFinite(value) && (type === 'number' || Number.isSafeInteger(value)) ? value : undefined;
}

/** Whether `value` is `base` plus a whole number of steps, within what binary fractions can tell. */
export function isOnStep(value: number, step: number, base: number): boolean {
  const steps = (value - base) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-9 * Math.max(1, Math.abs(steps));
}
