import { pageLocale } from '../page-locale.js';
import type { FoundNames } from './found-names.js';
import { say } from './words.js';

const PAUSE_MS = 120;

interface Wanted {
  find(typed: string, signal: AbortSignal): Promise<FoundNames>;
  /** @param place of the name among those that were found. */
  choose(name: string, place: number): void;
  /** Names that are not offered. */
  taken(): ReadonlySet<string>;
  /** Sentences about what was found; those of names where it is left out. */
  words?: { none: string; found: string; foundAll: string };
}

const NAMES = { none: 'none', found: 'found', foundAll: 'foundAll' };

/** A list under an input that shows the names that fit, chosen by mouse or by arrows and Enter. */
export class Suggestions {
  private readonly box = document.createElement('div');
  private readonly list = document.createElement('ul');
  private readonly status = document.createElement('p');
  private request: AbortController | undefined;
  private timer: number | undefined;
  private active = -1;

  /** @param place element around the input, below which the list opens. */
  constructor(
    private readonly input: HTMLInputElement,
    place: HTMLElement,
    private readonly wanted: Wanted,
  ) {
    this.box.className = 'suggestions';
    this.box.hidden = true;
    this.list.id = `${input.id}-names`;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', input.labels?.[0]?.textContent?.trim() ?? '');
    this.status.className = 'meta';
    this.status.setAttribute('role', 'status');
    this.box.append(this.list, this.status);
    place.append(this.box);
    const roles = { role: 'combobox', 'aria-expanded': 'false', 'aria-controls': this.list.id, 'aria-autocomplete': 'list' };
    for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
    this.listen();
  }

  get isOpen(): boolean {
    return !this.box.hidden;
  }

  close(): void {
    clearTimeout(this.timer);
    this.request?.abort();
    this.box.hidden = true;
    this.activate(-1);
    this.input.setAttribute('aria-expanded', 'false');
  }

  private listen(): void {
    this.input.addEventListener('input', () => this.soon());
    this.input.addEventListener('click', () => this.soon());
    this.input.addEventListener('blur', () => this.close());
    this.input.addEventListener('keydown', (event) => this.onKey(event));
    // The input keeps the focus while somebody presses on a name.
    this.box.addEventListener('mousedown', (event) => event.preventDefault());
    this.list.addEventListener('click', ({ target }) => {
      const option = (target as HTMLElement).closest<HTMLElement>('[role="option"]');
      if (option) this.take(option);
    });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (this.isOpen) this.activate(this.active + step);
      else this.soon();
    } else if (event.key === 'Escape' && this.isOpen) {
      event.stopPropagation();
      this.close();
    } else if (event.key === 'Enter' && this.isOpen && this.active >= 0) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.take(this.list.children[this.active] as HTMLElement);
    }
  }

  private take(option: HTMLElement): void {
    this.close();
    this.wanted.choose(option.textContent ?? '', Number(option.dataset['place']));
  }

  /** Wraps around at both ends; -1 for none. */
  private activate(index: number): void {
    const options = [...this.list.children];
    this.active = options.length === 0 || (index === -1 && !this.isOpen) ? -1 : (index + options.length) % options.length;
    for (const [place, option] of options.entries()) option.setAttribute('aria-selected', String(place === this.active));
    const chosen = options[this.active];
    if (!chosen) return this.input.removeAttribute('aria-activedescendant');
    this.input.setAttribute('aria-activedescendant', chosen.id);
    chosen.scrollIntoView({ block: 'nearest' });
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.refresh(), PAUSE_MS);
  }

  private async refresh(): Promise<void> {
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    try {
      const typed = this.input.value.trim();
      const found = await this.wanted.find(typed, request.signal);
      if (!request.signal.aborted) this.show(found, typed);
    } catch {
      if (!request.signal.aborted) this.show({ names: [], count: 0, total: 0, fault: say('away') }, '');
    }
  }

  private show({ names, count, fault }: FoundNames, typed: string): void {
    const taken = this.wanted.taken();
    const options = names.flatMap((name, place) => (taken.has(name) ? [] : [this.option(name, place)]));
    this.list.replaceChildren(...options);
    this.list.hidden = options.length === 0;
    const words = this.wanted.words ?? NAMES;
    const sentence =
      count === 0
        ? say(words.none, { typed })
        : count > names.length
          ? say(words.found, { shown: names.length, count: count.toLocaleString(pageLocale()) })
          : say(words.foundAll, { count });
    this.status.textContent = fault === '' ? sentence : fault;
    this.box.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.active = -1;
    this.input.removeAttribute('aria-activedescendant');
  }

  private option(name: string, place: number): HTMLLIElement {
    const option = document.createElement('li');
    option.id = `${this.list.id}-${place}`;
    option.dataset['place'] = String(place);
    option.setAttribute('role', 'option');
    option.setAttribute('aria-selected', 'false');
    option.textContent = name;
    return option;
  }
}
