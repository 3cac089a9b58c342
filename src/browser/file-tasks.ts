/**
 * `[data-file-tasks]`: the work on files of a project. While something is under way the list is fetched again and again from the address
 * in the attribute, and merged; when a piece of work has ended, regions of the page that live by `files` are fetched anew.
 */
import { Idiomorph } from './idiomorph.js';
import { refreshTopic } from './live.js';

const LOOK_EVERY_MS = 1000;
const LOOK_AGAIN_MS = 5000;

export function startFileTasks(): void {
  const region = document.querySelector<HTMLElement>('[data-file-tasks]');
  if (!region) return;
  follow();
  document.addEventListener('visibilitychange', follow);
  // A page that keeps itself live may have brought new work.
  document.addEventListener('live:merged', follow);
}

let timer: number | undefined;

/** The page has just asked for work of which its list does not know yet. */
export function lookAtFileTasks(): void {
  schedule(0);
}

function follow(): void {
  if (!document.hidden && working() > 0) schedule(LOOK_EVERY_MS);
}

function schedule(inMs: number): void {
  if (timer !== undefined) return;
  timer = window.setTimeout(() => void look(), inMs);
}

async function look(): Promise<void> {
  const before = working();
  const fetched = await fetchList().catch(() => false);
  timer = undefined;
  if (working() < before) refreshTopic('files');
  if (!document.hidden && (working() > 0 || !fetched)) schedule(fetched ? LOOK_EVERY_MS : LOOK_AGAIN_MS);
}

/** @returns false when the server is away for a moment. */
async function fetchList(): Promise<boolean> {
  const region = document.querySelector<HTMLElement>('[data-file-tasks]')!;
  const answer = await fetch(region.dataset['fileTasks'] ?? '', { headers: { accept: 'text/html', 'x-live': 'yes' }, cache: 'no-store' });
  if (!answer.ok || answer.redirected) return answer.status === 404;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(region.id);
  if (fresh) Idiomorph.morph(region, fresh, { morphStyle: 'outerHTML', ignoreActiveValue: true });
  return true;
}

function working(): number {
  return document.querySelectorAll('[data-task-state="waiting"], [data-task-state="working"]').length;
}
