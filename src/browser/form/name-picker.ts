/**
 * `[data-pick]`: fields that take names out of many. One name is searched for in its own input; several become chips, and the text that
 * holds them, one a line, stays the field that is sent.
 */
import type { SortedNames } from './found-names.js';
import { NameSearch } from './name-search.js';
import { Suggestions } from './suggestions.js';
import { announce, say, tellChange } from './words.js';

const MOST_CHIPS = 200;
const NOBODY: ReadonlySet<string> = new Set();

export function startNamePickers(): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-pick="one"]')) pickOne(place);
  for (const place of document.querySelectorAll<HTMLElement>('[data-pick="many"]')) new ManyNames(place).start();
}

function pickOne(place: HTMLElement): void {
  const input = place.querySelector('input');
  if (!input) return;
  const search = new NameSearch(place);
  void new Suggestions(input, place, {
    find: (typed, signal) => search.find(typed, signal),
    choose: (name) => {
      input.value = name;
      tellChange(input);
    },
    taken: () => NOBODY,
  });
}

/** Several names, as chips before an input. */
class ManyNames {
  private readonly text: HTMLTextAreaElement;
  private readonly input = document.createElement('input');
  private readonly chips = document.createElement('ul');
  private readonly trouble = document.createElement('p');
  private readonly search: NameSearch;

  constructor(private readonly place: HTMLElement) {
    this.text = place.querySelector('textarea')!;
    this.search = new NameSearch(place);
  }

  start(): void {
    const { id } = this.text;
    const hasFocus = document.activeElement === this.text;
    this.text.id = `${id}-text`;
    this.text.hidden = true;
    this.text.required = false;
    this.input.id = id;
    this.input.className = this.text.className;
    this.input.type = 'text';
    this.input.autocomplete = 'off';
    this.input.spellcheck = false;
    this.input.placeholder = say('search');
    for (const name of ['aria-describedby', 'aria-invalid']) {
      const value = this.text.getAttribute(name);
      if (value !== null) this.input.setAttribute(name, value);
    }
    this.chips.className = 'chips';
    this.trouble.className = 'error-text';
    this.trouble.setAttribute('role', 'status');
    this.place.append(this.chips, this.input, this.trouble);
    this.listen();
    this.draw();
    if (hasFocus) this.input.focus();
  }

  private listen(): void {
    // Before the list of suggestions, which may take the key for itself.
    const suggestions = new Suggestions(this.input, this.place, {
      find: (typed, signal) => this.search.find(typed, signal),
      choose: (name) => this.add({ known: [name], unknown: [], sentence: '' }),
      taken: () => new Set(this.names()),
    });
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && this.input.value.trim() !== '') {
        event.preventDefault();
        suggestions.close();
        void this.enter(this.input.value);
      }
      if (event.key === 'Backspace' && this.input.value === '') this.remove(this.names().at(-1));
    });
    this.input.addEventListener('paste', (event) => {
      const pasted = event.clipboardData?.getData('text') ?? '';
      if (!/[\n,;\t]/.test(pasted)) return;
      event.preventDefault();
      suggestions.close();
      void this.enter(pasted.replace(/[;\t]/g, '\n'));
    });
    this.input.addEventListener('change', (event) => {
      event.stopPropagation();
      if (this.input.value.trim() !== '') void this.enter(this.input.value);
    });
    this.input.addEventListener('input', (event) => event.stopPropagation());
    this.chips.addEventListener('click', ({ target }) => {
      const chip = (target as HTMLElement).closest('button')?.closest('li');
      if (chip) this.remove(chip.firstElementChild?.textContent ?? '');
    });
    window.addEventListener('pageshow', () => this.draw());
  }

  private names(): string[] {
    return this.text.value.split('\n').filter((line) => line.trim() !== '');
  }

  /** Takes names that were typed or pasted as far as there are such; the others stay to be corrected. */
  private async enter(typed: string): Promise<void> {
    try {
      const sorted = await this.search.sort(typed);
      const isAllowed = this.place.dataset['allowOther'] !== undefined;
      this.add(isAllowed ? { known: [...sorted.known, ...sorted.unknown], unknown: [], sentence: '' } : sorted);
    } catch {
      this.trouble.textContent = say('away');
    }
  }

  private add({ known, unknown, sentence }: SortedNames): void {
    const before = this.names();
    const fresh = known.filter((name) => !before.includes(name));
    this.input.value = unknown.join(', ');
    this.trouble.textContent = sentence;
    if (fresh.length === 0) return;
    this.write([...before, ...fresh]);
    announce(fresh.length === 1 ? say('added', { name: fresh[0] ?? '' }) : say('severalAdded', { count: fresh.length }));
  }

  private remove(name: string | undefined): void {
    if (name === undefined) return;
    this.write(this.names().filter((other) => other !== name));
    announce(say('removed', { name }));
    this.input.focus();
  }

  private write(names: readonly string[]): void {
    this.text.value = names.join('\n');
    this.draw();
    tellChange(this.text);
  }

  private draw(): void {
    const names = this.names();
    const chips = names.slice(0, MOST_CHIPS).map(chipOf);
    if (names.length > chips.length) {
      const more = document.createElement('li');
      more.className = 'meta';
      more.textContent = say('more', { count: names.length - chips.length });
      chips.push(more);
    }
    this.chips.replaceChildren(...chips);
    this.chips.hidden = chips.length === 0;
  }
}

function chipOf(name: string): HTMLLIElement {
  const chip = document.querySelector<HTMLTemplateElement>('#name-chip')!.content.firstElementChild!.cloneNode(true) as HTMLLIElement;
  chip.firstElementChild!.textContent = name;
  const button = chip.querySelector('button')!;
  button.setAttribute('aria-label', say('remove', { name }));
  button.title = say('remove', { name });
  return chip;
}
