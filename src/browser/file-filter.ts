/** `form[data-filter]`: the list follows what is typed, a moment later. Without scripts the form is sent. */
import { entries, focusEntry } from './file-list.js';
import { goInPlace } from './in-place.js';
import { sentence } from './browse-words.js';

const PAUSE_MS = 250;

export function startFilter(): void {
  let timer: number | undefined;
  let running: AbortController | undefined;
  const run = async (form: HTMLFormElement): Promise<void> => {
    clearTimeout(timer);
    running?.abort();
    running = new AbortController();
    try {
      await goInPlace(addressOf(form), { history: 'replace', signal: running.signal });
      announce();
    } catch {
      // Something else was typed meanwhile.
    }
  };
  document.addEventListener('input', (event) => {
    const form = filterOf(event.target);
    if (!form) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void run(form), PAUSE_MS);
  });
  document.addEventListener('submit', (event) => {
    const form = filterOf(event.target);
    if (!form) return;
    event.preventDefault();
    void run(form);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' || !filterOf(event.target) || !entries()[0]) return;
    event.preventDefault();
    focusEntry(entries()[0]);
  });
}

function filterOf(target: EventTarget | null): HTMLFormElement | null {
  return target instanceof Element ? target.closest<HTMLFormElement>('form[data-filter]') : null;
}

function addressOf(form: HTMLFormElement): string {
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (typeof value === 'string' && value !== '') url.searchParams.set(name, value);
  return url.href;
}

function announce(): void {
  const status = document.getElementById('live-status');
  if (status) status.textContent = sentence('jsFound', { count: document.getElementById('files-count')?.textContent?.trim() ?? '' });
}
