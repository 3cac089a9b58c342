/** Numbers, lists and dates in the language of the moment. Each form is made once: that takes long. */
import { currentLanguage } from './language';

const numbers = new Map<string, Intl.NumberFormat>();
const lists = new Map<string, Intl.ListFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

/** "12,500". */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  const { locale } = currentLanguage();
  return once(numbers, `${locale} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(locale, options)).format(value);
}

/** "a", "a and b", "a, b and c". */
export function formatList(words: readonly string[]): string {
  return once(lists, currentLanguage().locale, (locale) => new Intl.ListFormat(locale, { type: 'conjunction' })).format(words);
}

/** A moment in the time zone of this machine. @param ms since 1970. */
export function formatDate(ms: number, options: Intl.DateTimeFormatOptions): string {
  const { locale } = currentLanguage();
  return once(dates, `${locale} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale, options)).format(ms);
}

/** The name of a time zone as it is written in the list; that of this machine where none is given. @throws RangeError for what is none. */
export function timeZoneName(zone?: string): string {
  const { locale } = currentLanguage();
  return new Intl.DateTimeFormat(locale, zone === undefined ? {} : { timeZone: zone }).resolvedOptions().timeZone;
}

function once<Format>(known: Map<string, Format>, key: string, make: (key: string) => Format): Format {
  const format = known.get(key) ?? make(key);
  known.set(key, format);
  return format;
}
