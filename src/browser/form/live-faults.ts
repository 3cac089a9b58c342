/**
 * What is wrong is told while the form is filled in: in the server's words, out of the page that comes with the preview, and only at fields
 * that somebody has changed. Where the page told everything already, all of it follows.
 */
const touched = new Set<string>();

export function watchFields(form: HTMLFormElement): void {
  form.addEventListener('change', ({ target }) => {
    const { name, id } = target as HTMLInputElement;
    if (name?.startsWith('p.')) touched.add(isCell(name) ? id : name.slice(2));
  });
}

/** @param fresh the form as the server draws it with what is entered now. */
export function showFaults(form: HTMLFormElement, fresh: Document): void {
  const isTold = form.dataset['told'] !== undefined;
  for (const place of form.querySelectorAll<HTMLElement>('.field > [id^="p-"][id$="-error"]')) {
    const name = place.id.slice(2, -'-error'.length);
    if (!isTold && !touched.has(name)) continue;
    copy(place, fresh.getElementById(place.id));
    markField(name);
  }
  for (const table of form.querySelectorAll<HTMLElement>('[data-table]')) showCells(table, fresh.getElementById(table.id), isTold);
  // What there is to choose from may hang on another field.
  for (const help of form.querySelectorAll('[data-names-help], [data-varied]')) copy(help, fresh.getElementById(help.id));
  if (isTold) copy(document.getElementById('run-errors'), fresh.getElementById('run-errors'));
}

/** Whether the control of a field is wrong: by itself, or by a rule. */
export function markField(name: string): void {
  const control = document.getElementById(`p-${name}`);
  if (!control?.matches('input, select, textarea')) return;
  const isWrong = ['error', 'rule'].some((part) => document.querySelector(`#p-${name}-${part} .error-text`) !== null);
  mark(control, isWrong);
}

function mark(control: Element, isWrong: boolean): void {
  control.classList.toggle('is-invalid', isWrong && !control.matches('[type="checkbox"]'));
  if (isWrong) control.setAttribute('aria-invalid', 'true');
  else control.removeAttribute('aria-invalid');
}

/** The server leaves out rows without anything in them, so that rows go by their order. */
function showCells(table: HTMLElement, fresh: HTMLElement | null, isTold: boolean): void {
  const rows = [...table.querySelectorAll('[data-row]')].filter((row) => !isBlank(row));
  const drawn = [...(fresh?.querySelectorAll('[data-row]') ?? [])];
  for (const [index, row] of rows.entries()) {
    for (const control of row.querySelectorAll<HTMLElement>('[data-column]')) {
      if (!isTold && !touched.has(control.id)) continue;
      const other = drawn[index]?.querySelector(`[data-column="${control.dataset['column']}"]`);
      const place = document.getElementById(`${control.id}-error`);
      copy(place, other?.parentElement?.querySelector('.rule-words') ?? null);
      mark(control, place?.textContent?.trim() !== '');
      control.setAttribute('aria-describedby', `${control.id}-error`);
    }
  }
}

function isBlank(row: Element): boolean {
  const controls = row.querySelectorAll<HTMLInputElement>('[data-column]:not([type="checkbox"])');
  return [...controls].every(({ value }) => value.trim() === '');
}

function copy(place: Element | null, fresh: Element | null): void {
  if (place && fresh && place.innerHTML !== fresh.innerHTML) place.replaceChildren(...fresh.childNodes);
}

function isCell(name: string): boolean {
  return name.split('.').length > 2;
}
