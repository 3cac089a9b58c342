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
  aimRowLinks(form);
  if (isTold) copy(document.getElementById('run-errors'), fresh.getElementById('run-errors'));
}

/** Whether the control of a field is wrong: by itself, or by a rule. */
export function markField(name: string): void {
  const control = document.getElementById(`p-${name}`);
  const isWrong = ['error', 'rule'].some((part) => document.querySelector(`#p-${name}-${part} .error-text`) !== null);
  if (control?.matches('input, select, textarea')) mark(control, isWrong);
  else control?.toggleAttribute('data-wrong', isWrong);
}

function mark(control: Element, isWrong: boolean): void {
  control.classList.toggle('is-invalid', isWrong && !control.matches('[type="checkbox"]'));
  if (isWrong) control.setAttribute('aria-invalid', 'true');
  else control.removeAttribute('aria-invalid');
}

/** The server leaves out rows without anything in them, so that rows go by their order. */
function showCells(table: HTMLElement, fresh: HTMLElement | null, isTold: boolean): void {
  const rows = [...table.querySelectorAll('[data-row]')].filter((row) => !isBlank(row));
  const drawn = [...(fresh?.querySelectorAll<HTMLElement>('[data-row], [data-rows-text]') ?? [])].flatMap(rowsIn);
  for (const [index, row] of rows.entries()) {
    for (const control of row.querySelectorAll<HTMLElement>('[data-column]')) {
      if (!isTold && !touched.has(control.id) && !control.matches('[aria-invalid]')) continue;
      const other = drawn[index]?.querySelector(`[data-column="${control.dataset['column']}"]`);
      const place = document.getElementById(`${control.id}-error`);
      if (drawn[index] === null) place?.replaceChildren();
      copy(place, other?.parentElement?.querySelector('.rule-words') ?? null);
      mark(control, place?.textContent?.trim() !== '');
      control.setAttribute('aria-describedby', `${control.id}-error`);
    }
  }
  showFaultyRows(table, fresh);
}

/** Says how many rows are marked for as long as some are; a row that is just being written brings no warning. */
function showFaultyRows(table: HTMLElement, fresh: HTMLElement | null): void {
  const place = table.querySelector('[data-faulty-rows]');
  if (!place?.hasChildNodes()) return;
  if (table.querySelector('[data-rows] [aria-invalid]') === null) place.replaceChildren();
  else copy(place, fresh?.querySelector('[data-faulty-rows]') ?? null);
}

/** The server numbers cells by the order of their rows; on the page a cell keeps its id when rows before it are removed. */
function aimRowLinks(form: HTMLFormElement): void {
  for (const link of form.querySelectorAll<HTMLAnchorElement>('[data-row-link]')) {
    const { rowLink = '', place = '', linkColumn = '' } = link.dataset;
    const rows = [...form.querySelectorAll(`[data-table="${rowLink}"] [data-row]`)].filter((row) => !isBlank(row));
    const id = rows[Number(place)]?.querySelector(`[data-column="${linkColumn}"]`)?.id;
    if (id !== undefined) link.hash = id;
  }
}

/** Null for each row that stands in a text, of which nothing has to be said. */
function rowsIn(line: HTMLElement): (HTMLElement | null)[] {
  const { rowsText } = line.dataset;
  return rowsText === undefined ? [line] : Array.from({ length: Number(rowsText) }, () => null);
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
