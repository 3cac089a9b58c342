/** `[data-search-files="id"]`: an input that finds one of the many files in the menu of that id; the menu stays the field that is sent. */
import type { FoundNames } from './found-names.js';
import { Suggestions } from './suggestions.js';
import { tellChange } from './words.js';

const MOST_SHOWN = 50;
const WORDS = { none: 'filesNone', found: 'filesFound', foundAll: 'filesFoundAll' };
const NOBODY: ReadonlySet<string> = new Set();

export function startFileSearch(): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-search-files]')) {
    const menu = document.getElementById(place.dataset['searchFiles'] ?? '');
    const input = place.querySelector('input');
    if (menu instanceof HTMLSelectElement && input) searchIn(menu, input, place);
  }
}

function searchIn(menu: HTMLSelectElement, input: HTMLInputElement, place: HTMLElement): void {
  const files = () => [...menu.options].filter(({ value }) => value !== '');
  void new Suggestions(input, place, {
    find: (typed) => Promise.resolve(found(files().map(labelOf), typed)),
    choose: (label) => {
      const option = files().find((one) => labelOf(one) === label);
      input.value = '';
      if (!option) return;
      option.selected = true;
      tellChange(menu);
      menu.focus();
    },
    taken: () => NOBODY,
    words: WORDS,
  });
  // The menu tells the form; what is searched for is nothing of it.
  for (const type of ['input', 'change']) input.addEventListener(type, (event) => event.stopPropagation());
  input.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
}

function labelOf({ textContent }: HTMLOptionElement): string {
  return textContent.trim();
}

/** Each of the typed words has to be in a label, in whichever case. */
export function found(labels: readonly string[], typed: string): FoundNames {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = labels.filter((label) => words.every((word) => label.toLowerCase().includes(word)));
  return { names: fitting.slice(0, MOST_SHOWN), count: fitting.length, total: labels.length, fault: '' };
}
