/**
 * `[data-search-files="id"]`: an input that finds one of the many files of the field of that id, a menu or boxes to tick, which stays what is
 * sent. Where `data-files-at` says so, the server looks for those, too, that the field does not show.
 */
import type { FoundFiles, FoundNames } from './found-names.js';
import { Suggestions } from './suggestions.js';
import { announce, say, tellChange } from './words.js';

type Found = FoundFiles['files'][number];

const MOST_SHOWN = 50;
const WORDS = { none: 'filesNone', found: 'filesFound', foundAll: 'filesFoundAll' };
const NOBODY: ReadonlySet<string> = new Set();

export function startFileSearch(within: ParentNode = document): void {
  for (const place of within.querySelectorAll<HTMLElement>('[data-search-files]')) {
    const field = document.getElementById(place.dataset['searchFiles'] ?? '');
    const input = place.querySelector('input');
    if (field && input) searchIn(field, input, place);
  }
  for (const button of within.querySelectorAll<HTMLButtonElement>('[data-take]')) {
    button.addEventListener('click', (event) => {
      if (button.dataset['plain']) return;
      event.preventDefault();
      void takeFound(button);
    });
  }
}

function searchIn(field: HTMLElement, input: HTMLInputElement, place: HTMLElement): void {
  const { filesAt } = place.dataset;
  let last: readonly Found[] = [];
  void new Suggestions(input, place, {
    find: async (typed, signal) => {
      const answer = filesAt === undefined ? foundIn(field, typed) : await foundAt(filesAt, typed, signal);
      last = answer.files;
      return answer;
    },
    choose: (_name, index) => {
      input.value = '';
      const file = last[index];
      if (!file) return;
      if (field instanceof HTMLSelectElement) select(field, file);
      else tick(field, file, place);
    },
    taken: () => NOBODY,
    words: WORDS,
  });
  // The field tells the form; what is searched for is nothing of it.
  for (const type of ['input', 'change']) input.addEventListener(type, (event) => event.stopPropagation());
  input.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
}

function select(menu: HTMLSelectElement, { value, label, group }: Found): void {
  const option = [...menu.options].find((one) => one.value === value) ?? addedOption(menu, value, label, group);
  option.selected = true;
  tellChange(menu);
  menu.focus();
}

function addedOption(menu: HTMLSelectElement, value: string, label: string, heading: string): HTMLOptionElement {
  let group = [...menu.querySelectorAll('optgroup')].find((one) => one.label === heading);
  if (!group) {
    group = document.createElement('optgroup');
    group.label = heading;
    menu.append(group);
  }
  const option = new Option(label, value);
  group.append(option);
  return option;
}

/** Whoever ticks one looks for the next: the focus stays where they type. */
function tick(field: HTMLElement, { value, label }: Found, place: HTMLElement): void {
  const boxes = [...field.querySelectorAll<HTMLInputElement>('input[type="checkbox"]')];
  const box = boxes.find((one) => one.value === value) ?? addedBox(field, value, label, place);
  box.checked = true;
  const fold = box.closest('details');
  if (fold) fold.open = true;
  announce(say('fileAdded', { name: label }));
  tellChange(box);
}

function addedBox(field: HTMLElement, value: string, label: string, place: HTMLElement): HTMLInputElement {
  const words = document.createElement('span');
  words.className = 'clip';
  words.textContent = label;
  const box = document.createElement('input');
  Object.assign(box, { className: 'form-check-input', type: 'checkbox', value });
  box.name = field.querySelector<HTMLInputElement>(':scope > input[type="hidden"]')?.name ?? '';
  const pick = document.createElement('label');
  pick.className = 'pick';
  pick.title = label;
  pick.append(words, box);
  picksAfter(place).append(pick);
  return box;
}

/** Found files go before those that the server has drawn. */
function picksAfter(place: HTMLElement): HTMLElement {
  const line = place.closest('.find-line') ?? place;
  const there = line.nextElementSibling;
  if (there instanceof HTMLElement && there.matches('.picks')) return there;
  const picks = document.createElement('div');
  picks.className = 'picks';
  line.after(picks);
  return picks;
}

/** The server ticks what it finds, beside what is ticked already. */
async function takeFound(button: HTMLButtonElement): Promise<void> {
  const field = button.closest('fieldset')!;
  try {
    button.setAttribute('aria-busy', 'true');
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(button.form!, button)) if (typeof value === 'string') body.append(name, value);
    const answer = await fetch(button.formAction, { method: 'POST', body, headers: { accept: 'text/html' } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(field.id);
    field.replaceChildren(...fresh!.childNodes);
    startFileSearch(field);
    field.querySelector<HTMLElement>('[data-take]')?.focus();
    tellChange(field);
  } catch {
    button.dataset['plain'] = 'yes';
    button.click();
  } finally {
    button.removeAttribute('aria-busy');
  }
}

/** @throws when the server does not answer. */
async function foundAt(address: string, typed: string, signal: AbortSignal): Promise<FoundFiles> {
  const answer = await fetch(`${address}?${new URLSearchParams({ q: typed })}`, { headers: { accept: 'application/json' }, signal });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return (await answer.json()) as FoundFiles;
}

function foundIn(field: HTMLElement, typed: string): FoundFiles {
  const options = field instanceof HTMLSelectElement ? [...field.options].filter(({ value }) => value !== '') : [];
  const files = options.map((option) => ({ value: option.value, label: labelOf(option), group: '', isOwn: true }));
  const labels = files.map(({ label }) => label);
  const places = fitting(labels, typed);
  return { ...shown(labels, places), files: places.slice(0, MOST_SHOWN).map((place) => files[place]) };
}

function labelOf({ textContent }: HTMLOptionElement): string {
  return textContent.trim();
}

/** Each of the typed words has to be in a label, in whichever case. */
export function found(labels: readonly string[], typed: string): FoundNames {
  return shown(labels, fitting(labels, typed));
}

function fitting(labels: readonly string[], typed: string): number[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return labels.flatMap((label, place) => (words.every((word) => label.toLowerCase().includes(word)) ? [place] : []));
}

function shown(labels: readonly string[], places: readonly number[]): FoundNames {
  const names = places.slice(0, MOST_SHOWN).map((place) => labels[place]);
  return { names, count: places.length, total: labels.length, fault: '' };
}
