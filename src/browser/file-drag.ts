/** Entries are dragged onto a folder of the list or of the path above it: they are moved there, or copied while Ctrl is held. */
import { entries, entryOf, isSelected, selected } from './file-list.js';
import { fieldsOf } from './list-fields.js';
import { goInPlace, tell } from './in-place.js';
import { sentence } from './browse-words.js';

const TYPE = 'application/x-showrunner-entries';

let dragged: HTMLElement[] = [];

export function startFileDrag(): void {
  refresh();
  document.addEventListener('live:merged', refresh);
  document.addEventListener('dragstart', begin);
  document.addEventListener('dragend', end);
  document.addEventListener('dragover', (event) => {
    const target = targetOf(event);
    mark(target);
    if (!target) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = event.ctrlKey ? 'copy' : 'move';
  });
  document.addEventListener('drop', (event) => {
    const target = targetOf(event);
    if (!target) return;
    event.preventDefault();
    void put(target, event.ctrlKey ? 'copy' : 'move');
    end();
  });
}

/** Pictures and links would be dragged for themselves. */
function refresh(): void {
  for (const entry of entries()) {
    if (entry.closest('form[data-selection]')) entry.draggable = entry.hasAttribute('data-can-move');
    for (const part of entry.querySelectorAll<HTMLElement>('img, a')) part.draggable = false;
  }
}

function begin(event: DragEvent): void {
  const entry = entryOf(event.target);
  if (!entry?.draggable || !event.dataTransfer) return;
  dragged = isSelected(entry) ? selected().filter((one) => one.draggable) : [entry];
  event.dataTransfer.effectAllowed = 'copyMove';
  event.dataTransfer.setData(TYPE, String(dragged.length));
  for (const one of dragged) one.classList.add('dragged');
}

function end(): void {
  for (const one of dragged) one.classList.remove('dragged');
  dragged = [];
  mark(null);
}

function targetOf(event: DragEvent): HTMLElement | null {
  if (dragged.length === 0 || !(event.target instanceof Element)) return null;
  const target = event.target.closest<HTMLElement>('[data-folder]');
  return target && !dragged.includes(target) ? target : null;
}

function mark(target: HTMLElement | null): void {
  for (const one of document.querySelectorAll('.drop-target')) if (one !== target) one.classList.remove('drop-target');
  target?.classList.add('drop-target');
}

async function put(target: HTMLElement, verb: 'move' | 'copy'): Promise<void> {
  const form = document.querySelector<HTMLFormElement>('form[data-selection]');
  if (!form) return;
  const body = fieldsOf(form, { to: target.dataset['folder'] ?? '' });
  for (const entry of dragged) body.append('name', entry.dataset['entry'] ?? '');
  const action = form.action.replace(/[^/]+$/, verb);
  const answer = await goInPlace(action, { body, history: 'replace' });
  if (answer.kind === 'failed') tell(sentence('jsFailed'));
  // The question what to do about names in use has a page of its own, to which the same form leads.
  else if (answer.kind === 'other') postAsPage(action, body);
}

function postAsPage(action: string, fields: URLSearchParams): void {
  const form = Object.assign(document.createElement('form'), { method: 'post', action, hidden: true });
  for (const [name, value] of fields) form.append(Object.assign(document.createElement('input'), { name, value }));
  document.body.append(form);
  form.submit();
}
