/** A time at which nothing is due any more: the last millisecond of the year 9999. */
export const NEVER_MS = 253_402_300_799_999;
