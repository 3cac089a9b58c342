/**
 * Keys for the list of files. They work while the focus is in the list; the single characters `/` and `?` also while it is nowhere, and can
 * be switched off, because people who speak to their computer press them without knowing.
 */
import { active, columns, entries, entryOf, focusEntry, isSelected, range, select, selected } from './file-list.js';
import { renameInPlace } from './file-rename.js';

const PAGE_STEP = 10;
const SINGLE_KEYS = 'showrunner-single-keys';
const CAME_BY_KEY = 'showrunner-came-by-key';

/** Where a selection with Shift began. */
let anchor: string | undefined;

export function startFileKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
    if (isSingleKey(event)) return;
    const entry = entryOf(event.target);
    if (!entry || inOpenMenu(event.target)) return;
    if (press(event, entry)) event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-show-keys]')) showKeys();
  });
  startSwitch();
  comeBack();
}

/** @returns whether the key was for the list. */
function press(event: KeyboardEvent, entry: HTMLElement): boolean {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (altKey) return false;
  if (ctrlKey || metaKey) return pressWithControl(key.toLowerCase());
  const step = stepOf(key, entry);
  if (step !== undefined) {
    go(entry, step, shiftKey);
    return true;
  }
  if (shiftKey) return key === 'F10' && openMenu(entry);
  return (KEYS[key] ?? (() => false))(entry, event);
}

const KEYS: Record<string, (entry: HTMLElement, event: KeyboardEvent) => boolean> = {
  ' ': (entry, { target }) => {
    if (target instanceof Element && target.matches('summary')) return false;
    select([entry], !isSelected(entry));
    anchor = entry.id;
    return true;
  },
  Enter: (entry, { target }) => {
    if (target instanceof Element && target.matches('summary, a')) {
      if (target.matches('[data-open]')) rememberKey();
      return false;
    }
    entry.querySelector<HTMLElement>('[data-open]')?.click();
    return true;
  },
  Backspace: () => goUp(),
  Escape: () => {
    if (selected().length === 0) return false;
    select(entries(), false);
    return true;
  },
  F2: (entry) => renameInPlace(entry),
  Delete: (entry) => deleteSelected(entry),
  ContextMenu: (entry) => openMenu(entry),
};

function pressWithControl(key: string): boolean {
  if (key === 'a') select(entries(), true);
  else if (key === 'z') document.querySelector<HTMLElement>('[data-undo] button')?.click();
  else return false;
  return true;
}

/** By how many entries a key goes on; undefined for other keys. */
function stepOf(key: string, entry: HTMLElement): number | undefined {
  const across = columns();
  const all = entries();
  const at = all.indexOf(entry);
  const steps: Record<string, number> = {
    ArrowDown: across,
    ArrowUp: -across,
    PageDown: PAGE_STEP * across,
    PageUp: -PAGE_STEP * across,
    Home: -at,
    End: all.length - 1 - at,
    ...(across > 1 ? { ArrowRight: 1, ArrowLeft: -1 } : {}),
  };
  return Object.hasOwn(steps, key) ? steps[key] : undefined;
}

function go(from: HTMLElement, step: number, selecting: boolean): void {
  const all = entries();
  const at = all.indexOf(from);
  const to = all[Math.min(all.length - 1, Math.max(0, at + step))];
  if (!to) return;
  if (selecting) extend(from, to);
  else anchor = undefined;
  focusEntry(to);
}

/** What was selected on the way here and lies no longer in between is given back. */
function extend(from: HTMLElement, to: HTMLElement): void {
  const start = entries().find((one) => one.id === anchor) ?? from;
  anchor = start.id;
  const wanted = range(start, to);
  select(
    range(start, from).filter((entry) => !wanted.includes(entry)),
    false,
  );
  select(wanted, true);
}

function deleteSelected(entry: HTMLElement): boolean {
  const form = entry.closest('form');
  const button =
    selected().length > 0
      ? form?.querySelector<HTMLButtonElement>('.selbar .btn-danger')
      : entry.querySelector<HTMLButtonElement>('[data-delete]');
  if (!form || !button) return false;
  form.requestSubmit(button);
  return true;
}

function openMenu(entry: HTMLElement): boolean {
  const menu = entry.querySelector<HTMLDetailsElement>('details.menu');
  if (!menu) return false;
  menu.open = true;
  menu.querySelector<HTMLElement>('a, button')?.focus();
  return true;
}

function goUp(): boolean {
  const up = document.getElementById('files-listing')?.dataset['up'];
  if (!up) return false;
  rememberKey();
  location.assign(up);
  return true;
}

function isSingleKey(event: KeyboardEvent): boolean {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if ((key !== '/' && key !== '?') || ctrlKey || metaKey || altKey || localStorage.getItem(SINGLE_KEYS) === 'off') return false;
  const isHere = target === document.body || (target instanceof Element && target.closest('#files-panel') !== null);
  if (!isHere) return false;
  event.preventDefault();
  if (key === '?') showKeys();
  else document.getElementById('files-filter')?.focus();
  return true;
}

function showKeys(): void {
  const dialog = document.getElementById('file-keys');
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

function startSwitch(): void {
  const box = document.querySelector<HTMLInputElement>('[data-single-keys]');
  if (!box) return;
  box.checked = localStorage.getItem(SINGLE_KEYS) !== 'off';
  box.addEventListener('change', () => localStorage.setItem(SINGLE_KEYS, box.checked ? 'on' : 'off'));
}

/** Who left a list by a key goes on with keys on the page that comes. */
export function rememberKey(): void {
  sessionStorage.setItem(CAME_BY_KEY, location.pathname);
}

function comeBack(): void {
  const came = sessionStorage.getItem(CAME_BY_KEY) !== null;
  sessionStorage.removeItem(CAME_BY_KEY);
  const entry = entries().find((one) => one.hasAttribute('data-at'));
  if (came) {
    const first = entry ?? active();
    if (first) focusEntry(first);
  } else entry?.scrollIntoView({ block: 'nearest' });
  const url = new URL(location.href);
  if (!url.searchParams.has('at')) return;
  url.searchParams.delete('at');
  history.replaceState(history.state, '', url);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type="checkbox"]), textarea, select, [contenteditable]');
}

function inOpenMenu(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.menu > :not(summary)') !== null;
}
