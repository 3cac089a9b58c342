/** Selecting entries with the mouse: boxes, a box for all, and Shift for everything in between. Keys are in `file-keys`. */
import { activate, entries, entryOf, range, refreshList, select, showSelection } from './file-list.js';

let last: string | undefined;

export function startSelection(): void {
  document.addEventListener('click', (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== 'checkbox') return;
    const entry = entryOf(box);
    if (!entry) return;
    const before = entries().find((one) => one.id === last);
    if (event.shiftKey && before) select(range(before, entry), box.checked);
    last = entry.id;
    activate(entry);
  });
  document.addEventListener('change', (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    if (box.closest('[data-select-all]')) select(entries(), box.checked);
    else if (entryOf(box)) showSelection();
  });
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-select-none]')) select(entries(), false);
  });
  document.addEventListener('focusin', (event) => {
    const entry = entryOf(event.target);
    if (entry) activate(entry);
  });
  document.addEventListener('live:merged', refreshList);
  refreshList();
}
