/** Rows of `[data-table]`, made of the one that the page has for that. */
import { pastedRows } from './pasted-rows.js';

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export function controlsOf(row: Element): Control[] {
  return [...row.querySelectorAll<Control>('[data-column]')];
}

/** @param number names its fields; on the page each has its own. */
export function freshRow(field: HTMLElement, number: number): HTMLElement {
  const fresh = field.querySelector<HTMLTemplateElement>('[data-new-row]')!.content.firstElementChild!.cloneNode(true) as HTMLElement;
  const name = field.dataset['table'] ?? '';
  for (const element of fresh.querySelectorAll('[id], [name]')) {
    rename(element, 'id', `p-${name}-new-`, `p-${name}-${number}-`);
    rename(element, 'name', `p.${name}.new.`, `p.${name}.${number}.`);
  }
  return fresh;
}

/** Long tables come with most of their rows as one text, which is light to send: it becomes rows, numbered on from those before it. */
export function spreadRows(field: HTMLElement): void {
  for (const place of field.querySelectorAll<HTMLElement>('[data-rows-text]')) {
    const text = place.querySelector('textarea')!;
    const first = Number(text.name.split('.').at(-1));
    const rows = pastedRows(text.value).map((cells, index) => {
      const row = freshRow(field, first + index);
      for (const [column, control] of controlsOf(row).entries()) hold(control, cells[column] ?? '');
      return row;
    });
    place.replaceWith(...rows);
  }
}

function hold(control: Control, text: string): void {
  if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = text === 'true';
  else control.value = text;
}

function rename(element: Element, attribute: 'id' | 'name', before: string, after: string): void {
  const value = element.getAttribute(attribute);
  if (value?.startsWith(before)) element.setAttribute(attribute, after + value.slice(before.length));
}
