/**
 * Pages of a project that change without being left: a form or link of the list of files is fetched, and the regions of the page are
 * taken over from the answer. Uploads go on, and focus, scrolling and what is typed stay. Answers that are other pages are gone to.
 */
import { sentence } from './browse-words.js';
import { mergeRegion } from './merge-region.js';
import { refreshTimes } from './times.js';

export interface InPlaceRequest {
  /** Fields of a form that is posted; absent: the address is only fetched. */
  body?: URLSearchParams;
  /** What becomes of the history of the tab. */
  history: 'push' | 'replace' | 'none';
  signal?: AbortSignal;
}

export type InPlaceAnswer =
  | { kind: 'shown'; ok: boolean }
  /** Another page, which is not shown. */
  | { kind: 'other'; page: Document; status: number; address: string }
  | { kind: 'failed' };

const REGIONS = ['files-head', 'file-tasks', 'files-listing', 'project-amount', 'project-pipelines', 'project-actions'];
const PANEL = 'files-panel';

/** Fetches an address and shows what it answers. Never throws but for the abortion of its signal. */
export async function goInPlace(address: string, { body, history: way, signal }: InPlaceRequest): Promise<InPlaceAnswer> {
  const headers = { accept: 'text/html' };
  const init = body ? { method: 'POST', body, headers } : { headers };
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(address, { ...init, cache: 'no-store', signal: signal ?? null });
    text = await answer.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    return { kind: 'failed' };
  }
  const page = new DOMParser().parseFromString(text, 'text/html');
  if (!page.getElementById(PANEL)) return { kind: 'other', page, status: answer.status, address: answer.url };
  // A refusal is answered under the address of the form, which is no page to come back to.
  if (answer.ok && way !== 'none') remember(answer.url, way);
  show(page, body !== undefined);
  return { kind: 'shown', ok: answer.ok };
}

/** Why a page refuses: beside its field, or as its heading. */
export function reasonOf(page: Document): string {
  const reason = page.querySelector('main .error-text') ?? page.querySelector('main h1');
  return reason?.textContent?.trim() ?? sentence('jsFailed');
}

/** Puts a sentence of a script where those of the server are. */
export function tell(sentence: string): void {
  const notes = document.getElementById('files-notes');
  const note = document.createElement('div');
  note.className = 'note note-bad';
  note.setAttribute('role', 'alert');
  note.append(Object.assign(document.createElement('div'), { textContent: sentence }));
  if (!notes) return;
  notes.replaceChildren(note, dismissal(notes));
  notes.classList.add('floating');
}

function dismissal(notes: HTMLElement): HTMLElement {
  const label = sentence('jsDismiss');
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-ghost btn-sm', textContent: label });
  button.addEventListener('click', () => {
    notes.replaceChildren();
    notes.classList.remove('floating');
  });
  return button;
}

function remember(address: string, way: 'push' | 'replace'): void {
  const url = new URL(address);
  url.searchParams.delete('at');
  if (way === 'push' && url.href !== location.href) history.pushState({ inPlace: true }, '', url);
  else history.replaceState({ inPlace: true }, '', url);
}

function show(page: Document, changed: boolean): void {
  for (const id of REGIONS) {
    const [old, made] = [document.getElementById(id), page.getElementById(id)];
    if (old && made) mergeRegion(old, made);
  }
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(`#${PANEL} details.menu[open]`)) {
    menu.open = menu.querySelector('[aria-invalid="true"]') !== null;
  }
  document.title = page.title;
  if (changed) showNotes(page);
  refreshTimes();
  document.dispatchEvent(new CustomEvent('live:merged'));
}

/** What was done, and the way back, over the list; spoken in the one line that is for that. */
function showNotes(page: Document): void {
  const notes = document.getElementById('files-notes');
  const made = page.getElementById('files-notes');
  const flash = page.getElementById('flash');
  document.getElementById('flash')?.remove();
  if (!notes || !made) return;
  const parts = [...(flash ? [flash] : []), ...made.children];
  notes.replaceChildren(...parts.map((part) => document.adoptNode(part)));
  notes.classList.toggle('floating', parts.length > 0);
  if (parts.length > 0) notes.append(dismissal(notes));
  const status = document.getElementById('live-status');
  if (status && flash) status.textContent = flash.querySelector('.flash-text')?.textContent?.trim() ?? '';
}
