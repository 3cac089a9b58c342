/** Sentences of the list of files for scripts; the server puts them on the page. */

let words: Record<string, string> | undefined;

/** `{name}` in a sentence is replaced by the value of that name. */
export function sentence(key: string, values: Record<string, string | number> = {}): string {
  words ??= JSON.parse(document.getElementById('browse-words')?.textContent ?? '{}') as Record<string, string>;
  return (words[key] ?? '').replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
