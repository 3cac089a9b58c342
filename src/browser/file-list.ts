/**
 * The entries of a folder, in a table or as pictures: which of them is the one that keys are for, and which are selected. Only the controls
 * of that one are stops of the Tab key, so that a list of hundreds is one step; nothing of it is lost to those who walk it in other ways.
 */

const ENTRY = '[data-entry]';
const CONTROLS = 'a[href], input, summary';

let activeId: string | undefined;

export function entries(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[data-entries] ${ENTRY}`)];
}

export function entryOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(`[data-entries] ${ENTRY}`) : null;
}

export function active(): HTMLElement | undefined {
  const all = entries();
  return all.find((entry) => entry.id === activeId) ?? all[0];
}

/** Makes an entry the one that keys are for. */
export function activate(entry: HTMLElement): void {
  activeId = entry.id;
  for (const one of entries()) {
    for (const control of one.querySelectorAll<HTMLElement>(CONTROLS)) {
      if (one === entry) control.removeAttribute('tabindex');
      else control.tabIndex = -1;
    }
  }
}

/** The same, and the focus goes to its name. */
export function focusEntry(entry: HTMLElement): void {
  activate(entry);
  (entry.querySelector<HTMLElement>('[data-open]') ?? entry.querySelector<HTMLElement>(CONTROLS))?.focus();
}

export function boxOf(entry: HTMLElement): HTMLInputElement | null {
  return entry.querySelector<HTMLInputElement>('input[type="checkbox"][name="name"]');
}

export function isSelected(entry: HTMLElement): boolean {
  return boxOf(entry)?.checked ?? false;
}

export function selected(): HTMLElement[] {
  return entries().filter(isSelected);
}

/** Selects entries, or takes that back. */
export function select(some: readonly HTMLElement[], on: boolean): void {
  for (const entry of some) {
    const box = boxOf(entry);
    if (box) box.checked = on;
  }
  showSelection();
}

/** From one entry to another, both included, in the order of the list. */
export function range(one: HTMLElement, other: HTMLElement): HTMLElement[] {
  const all = entries();
  const [from, to] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b) as [number, number];
  return from === -1 ? [other] : all.slice(from, to + 1);
}

/** How many stand side by side. */
export function columns(): number {
  const all = entries();
  if (!document.querySelector('[data-entries="grid"]') || all.length === 0) return 1;
  const top = all[0].offsetTop;
  const next = all.findIndex((entry) => entry.offsetTop !== top);
  return next === -1 ? all.length : next;
}

/** Writes the numbers anew: browsers keep ticks over a reload, and the list may be a fresh one. */
export function showSelection(): void {
  const boxes = entries()
    .map(boxOf)
    .filter((box) => box !== null);
  const count = boxes.filter((box) => box.checked).length;
  const all = document.querySelector<HTMLInputElement>('[data-select-all] input');
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  for (const box of boxes) box.closest(ENTRY)?.classList.toggle('picked', box.checked);
  const words = document.querySelector<HTMLElement>('[data-selected]');
  if (words) words.textContent = (words.dataset['selected'] ?? '').replace('{count}', String(count));
}

/** The list may be a fresh one. */
export function refreshList(): void {
  const entry = active();
  if (entry) activate(entry);
  showSelection();
}
