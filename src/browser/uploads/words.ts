/** Sentences of the uploads for scripts; the server puts them on the page. */
import { duration, type TimeWords } from '../time-words.js';

let words: Record<string, string> | undefined;
let times: TimeWords | undefined;

/** `{name}` in a sentence is replaced by the value of that name; `{count, one|many}` by the form that goes with the number. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  words ??= read<Record<string, string>>('upload-words') ?? {};
  return (words[key] ?? '').replace(/\{(\w+)(?:,\s*([^|{}]*)\|([^{}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one === undefined || many === undefined) return String(value);
    return Number(value) === 1 ? one : many;
  });
}

/** A length of time in words. */
export function span(seconds: number): string {
  times ??= read<TimeWords>('time-words');
  return times ? duration(seconds, times) : '';
}

export const numberOf = (value: number): string => new Intl.NumberFormat('en-GB').format(value);

function read<Value>(id: string): Value | undefined {
  const source = document.getElementById(id)?.textContent;
  return source ? (JSON.parse(source) as Value) : undefined;
}
