/** A new name is typed where the old one stands. Enter and leaving the field send it, Escape gives it up. */
import { entries, focusEntry } from './file-list.js';
import { fieldsOf } from './list-fields.js';
import { goInPlace, reasonOf, tell } from './in-place.js';
import { sentence } from './browse-words.js';

/** @returns false for what keeps its name. */
export function renameInPlace(entry: HTMLElement): boolean {
  const button = entry.querySelector<HTMLButtonElement>('[data-rename]');
  const name = entry.querySelector<HTMLElement>('.name');
  if (!button || !name || entry.querySelector('.rename-field')) return false;
  new Renaming(entry, button, name).start();
  return true;
}

class Renaming {
  private readonly field = document.createElement('div');
  private readonly input = document.createElement('input');
  private readonly error = document.createElement('span');
  private busy = false;

  constructor(
    private readonly entry: HTMLElement,
    private readonly button: HTMLButtonElement,
    private readonly name: HTMLElement,
  ) {}

  start(): void {
    const old = this.entry.dataset['name'] ?? '';
    this.field.className = 'rename-field';
    this.input.className = 'form-control';
    this.input.value = old;
    this.input.setAttribute('aria-label', sentence('jsRenaming', { name: old }));
    this.input.autocomplete = 'off';
    this.input.spellcheck = false;
    this.error.className = 'error-text';
    this.error.id = 'rename-error';
    this.error.setAttribute('role', 'alert');
    this.field.append(this.input, this.error);
    this.entry.dataset['keep'] = 'renaming';
    this.name.hidden = true;
    this.name.after(this.field);
    const dot = old.lastIndexOf('.');
    this.input.focus();
    this.input.setSelectionRange(0, dot > 0 ? dot : old.length);
    this.input.addEventListener('keydown', (event) => this.press(event));
    this.input.addEventListener('blur', () => this.leave());
  }

  private press(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === 'Escape') this.end();
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    void this.send();
  }

  /** Another window in front is no answer. */
  private leave(): void {
    if (!document.hasFocus() || this.busy || !this.field.isConnected) return;
    if (this.isUnchanged()) this.end(false);
    else void this.send();
  }

  private isUnchanged(): boolean {
    return this.input.value === '' || this.input.value === this.entry.dataset['name'];
  }

  private async send(): Promise<void> {
    if (this.isUnchanged()) return this.end();
    if (this.busy) return;
    this.busy = true;
    const body = fieldsOf(this.button.form!, { only: this.button.value, newName: this.input.value });
    delete this.entry.dataset['keep'];
    const answer = await goInPlace(this.button.formAction, { body, history: 'replace' });
    this.busy = false;
    if (answer.kind === 'failed') return this.refuse(sentence('jsFailed'));
    if (answer.kind === 'other') return this.refuse(reasonOf(answer.page));
    this.end(false);
    const fresh = entries().find((one) => one.hasAttribute('data-at')) ?? this.entry;
    if (fresh.isConnected) focusEntry(fresh);
  }

  private refuse(reason: string): void {
    if (!this.field.isConnected) return tell(reason);
    this.entry.dataset['keep'] = 'renaming';
    this.error.textContent = reason;
    this.input.setAttribute('aria-invalid', 'true');
    this.input.setAttribute('aria-describedby', this.error.id);
    this.input.focus();
  }

  private end(focus = true): void {
    this.busy = true;
    delete this.entry.dataset['keep'];
    this.field.remove();
    this.name.hidden = false;
    if (focus) focusEntry(this.entry);
  }
}
