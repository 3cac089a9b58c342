/** Sentences of the uploads for scripts; the server puts them on the page. */
import { pageLocale } from '../page-locale.js';
import { fillIn } from '../sentences.js';
import { duration, type TimeWords } from '../time-words.js';

let words: Record<string, string> | undefined;
let times: TimeWords | undefined;

/** `{name}` in a sentence is replaced by the value of that name; `{count, one|many}` by the form that goes with the number. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  words ??= read<Record<string, string>>('upload-words') ?? {};
  return fillIn(words[key] ?? '', values, pageLocale());
}

/** A length of time in words. */
export function span(seconds: number): string {
  times ??= read<TimeWords>('time-words');
  return times ? duration(seconds, times) : '';
}

export const numberOf = (value: number): string => new Intl.NumberFormat(pageLocale()).format(value);

function read<Value>(id: string): Value | undefined {
  const source = document.getElementById(id)?.textContent;
  return source ? (JSON.parse(source) as Value) : undefined;
}
