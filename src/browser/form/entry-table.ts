/** `[data-table]`: rows that are added, removed, pasted from a spreadsheet, and filled from the files of the project by the server. */
import { controlsOf, freshRow, spreadRows, type Control } from './entry-rows.js';
import { NameSearch } from './name-search.js';
import { pastedRows } from './pasted-rows.js';
import { announce, say, tellChange } from './words.js';

const PAUSE_MS = 150;
const YES = /^(?:true|yes|on|1|x)$/i;

export function startEntryTables(): void {
  for (const field of document.querySelectorAll<HTMLElement>('[data-table]')) new EntryTable(field).start();
}

/** One table of the form. */
class EntryTable {
  private readonly body: HTMLElement;
  private next = 0;
  private timer: number | undefined;

  constructor(private readonly field: HTMLElement) {
    this.body = field.querySelector<HTMLElement>('[data-rows]')!;
    this.spread();
  }

  start(): void {
    new ResizeObserver(() => this.body.querySelectorAll<HTMLInputElement>('input[list]').forEach(showEnd)).observe(this.body);
    this.field.addEventListener('focusout', ({ target }) => target instanceof HTMLInputElement && target.list && showEnd(target));
    this.field.addEventListener('click', (event) => this.onClick(event));
    this.field.addEventListener('paste', (event) => this.onPaste(event));
    this.field.addEventListener('keydown', (event) => this.onKey(event));
    this.field.addEventListener('input', ({ target }) => this.suggest(target as HTMLInputElement));
  }

  private rows(): HTMLElement[] {
    return [...this.body.querySelectorAll<HTMLElement>('[data-row]')];
  }

  /** Of what the server has drawn. */
  private spread(): void {
    spreadRows(this.field);
    this.next = this.rows().length;
    this.renumber();
  }

  private onClick(event: Event): void {
    const button = (event.target as HTMLElement).closest('button');
    if (!button) return;
    if (button.matches('[data-remove-row]')) this.remove(button.closest<HTMLElement>('[data-row]')!);
    if (button.matches('[data-add-row]')) {
      event.preventDefault();
      const row = this.add();
      if (row) controlsOf(row)[0]?.focus();
    }
    if (button.matches('[data-fill-rows]') && !button.dataset['plain']) {
      event.preventDefault();
      void this.fill(button);
    }
  }

  private add(): HTMLElement | undefined {
    if (this.rows().length >= Number(this.field.dataset['most'])) {
      this.note(say('tooMany', { count: 1, most: this.field.dataset['most'] ?? '' }));
      return undefined;
    }
    const fresh = freshRow(this.field, this.next++);
    this.body.append(fresh);
    this.renumber();
    return fresh;
  }

  private remove(row: HTMLElement): void {
    const rows = this.rows();
    const place = rows.indexOf(row);
    row.remove();
    if (rows.length === 1) this.add();
    this.renumber();
    const left = this.rows();
    (left[Math.min(place, left.length - 1)]?.querySelector<HTMLElement>('[data-remove-row]') ?? this.field).focus();
    announce(say('rowRemoved', { row: place + 1 }));
    tellChange(this.body);
  }

  private renumber(): void {
    for (const [index, row] of this.rows().entries()) {
      row.querySelector('[data-number]')!.textContent = String(index + 1);
      for (const control of controlsOf(row)) {
        const column = control.closest('td')?.dataset['label'] ?? '';
        control.setAttribute('aria-label', say('cell', { column, row: index + 1 }));
      }
    }
  }

  /** Enter goes on in the next row, as in a spreadsheet, instead of sending the form. */
  private onKey(event: KeyboardEvent): void {
    const control = event.target as Control;
    if (event.key !== 'Enter' || event.isComposing || !control.matches('input[data-column]:not([type="checkbox"])')) return;
    event.preventDefault();
    const rows = this.rows();
    const row = rows[rows.indexOf(control.closest<HTMLElement>('[data-row]')!) + 1] ?? this.add();
    row?.querySelector<HTMLElement>(`[data-column="${control.dataset['column']}"]`)?.focus();
  }

  private onPaste(event: ClipboardEvent): void {
    const control = event.target as Control;
    const pasted = event.clipboardData?.getData('text') ?? '';
    if (!control.matches('[data-column]') || !/[\t\n]/.test(pasted.replace(/\r?\n$/, ''))) return;
    event.preventDefault();
    const columns = [...this.body.querySelector('[data-row]')!.querySelectorAll<Control>('[data-column]')];
    const from = columns.findIndex((one) => one.dataset['column'] === control.dataset['column']);
    const rows = pastedRows(pasted);
    if (rows[0] && isHead(rows[0], columns.slice(from))) rows.shift();
    let row: HTMLElement | undefined = control.closest<HTMLElement>('[data-row]')!;
    let unknown = 0;
    let written = 0;
    for (const cells of rows) {
      row ??= this.add();
      if (!row) break;
      const controls = controlsOf(row).slice(from);
      unknown += cells.filter((cell, index) => controls[index] && !write(controls[index], cell.trim())).length;
      written += 1;
      row = (row.nextElementSibling as HTMLElement | null) ?? undefined;
    }
    this.tellPasted(written, rows.length - written, unknown);
    tellChange(control);
  }

  private tellPasted(written: number, left: number, unknown: number): void {
    this.note(
      [
        say('pasted', { count: written }),
        left > 0 ? say('tooMany', { count: left, most: this.field.dataset['most'] ?? '' }) : '',
        unknown > 0 ? say('unknownCells', { count: unknown }) : '',
      ].join(' '),
    );
  }

  private note(sentence: string): void {
    this.field.querySelector('[data-table-note]')!.textContent = sentence;
  }

  /** The server makes the rows; what is entered already comes back with them. */
  private async fill(button: HTMLButtonElement): Promise<void> {
    const form = button.form!;
    try {
      button.setAttribute('aria-busy', 'true');
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form, button)) if (typeof value === 'string') body.append(name, value);
      const answer = await fetch(button.formAction, { method: 'POST', body, headers: { accept: 'text/html' } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(this.field.id);
      this.body.replaceChildren(...fresh!.querySelector('[data-rows]')!.children);
      this.spread();
      this.note(fresh!.querySelector('[data-table-note]')?.textContent ?? '');
      tellChange(this.body);
    } catch {
      button.dataset['plain'] = 'yes';
      button.click();
    } finally {
      button.removeAttribute('aria-busy');
    }
  }

  /** Lists with more names than fit the page follow what is typed. */
  private suggest(input: HTMLInputElement): void {
    const list = input.list;
    if (!list?.dataset['source']) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const show = ({ names }: { names: string[] }) =>
        list.replaceChildren(...names.map((name) => Object.assign(document.createElement('option'), { value: name })));
      // Without an answer the names of before stay.
      new NameSearch(list).find(input.value.trim()).then(show, () => undefined);
    }, PAUSE_MS);
  }
}

function isHead(cells: readonly string[], columns: readonly Control[]): boolean {
  const words = (control: Control) => [control.dataset['column'], control.closest('td')?.dataset['label']];
  return cells.every(
    (cell, index) => columns[index] && words(columns[index]).some((word) => word?.toLowerCase() === cell.trim().toLowerCase()),
  );
}

/** @returns whether the control can hold it. */
function write(control: Control, text: string): boolean {
  if (control instanceof HTMLSelectElement) {
    const option = [...control.options].find(({ value, label }) => [value, label].some((one) => one.toLowerCase() === text.toLowerCase()));
    if (option) control.value = option.value;
    return option !== undefined;
  }
  if (control.type === 'checkbox') (control as HTMLInputElement).checked = YES.test(text);
  else control.value = text;
  return true;
}

/** Paths in narrow cells differ at their ends. */
function showEnd(input: HTMLInputElement): void {
  if (input !== document.activeElement) input.scrollLeft = input.scrollWidth;
}
