/** Sentences that the server has put into the page of the form. */
export type Words = Record<string, string>;

let words: Words | undefined;

/** @param values fill in what stands in braces. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  words ??= JSON.parse(document.getElementById('picker-words')?.textContent ?? '{}') as Words;
  return (words[key] ?? '').replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Tells screen readers. */
export function announce(sentence: string): void {
  const status = document.getElementById('live-status');
  if (status) status.textContent = sentence;
}

/** A field that a script has changed tells those who watch the form. */
export function tellChange(field: HTMLElement): void {
  for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
}
