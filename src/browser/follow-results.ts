/**
 * The results of a run while it writes them: `<div id="run-look" data-look="address" data-topic="run:12">` names where to ask every few
 * seconds whether there is anything new, and `#results` is then merged in place. It works for readers who have no event stream, too.
 * Nothing is asked while nobody looks.
 */
import { ask, say } from './ask.js';
import { refreshTopic } from './live.js';
import { mergeRegion } from './merge-region.js';
import { pageLocale } from './page-locale.js';
import { fillIn } from './sentences.js';
import { refreshTimes } from './times.js';

const EVERY_MS = 5000;
const MOST_MS = 60_000;
/** Whoever is slow, or far away, is asked less often. */
const TIMES_SLOW = 4;
const SAY_EVERY_MS = 10_000;
const RESET_CONTENT = 205;
const GONE = new Set([401, 403, 404, RESET_CONTENT]);

let timer: number | undefined;
let isAsking = false;
let failures = 0;
let saidMs = 0;
const broken = new Set<HTMLImageElement>();

export function startResults(): void {
  document.addEventListener('live:merged', follow);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && timer !== undefined) schedule(0);
    follow();
  });
  document.addEventListener('error', (event) => hideBroken(event.target), true);
  document.addEventListener('load', (event) => broken.delete(event.target as HTMLImageElement), true);
  // Readers without an event stream have this instead.
  if (place()) document.documentElement.dataset['news'] ??= 'polling';
  follow();
}

function follow(): void {
  hideAllBroken();
  if (timer === undefined && !isAsking && place()) schedule(EVERY_MS);
}

function place(): HTMLElement | null {
  return document.getElementById('run-look');
}

function schedule(inMs: number): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void look(), inMs);
}

async function look(): Promise<void> {
  timer = undefined;
  const asked = place()?.dataset['look'];
  if (asked === undefined || document.hidden || isAsking) return;
  isAsking = true;
  const beganMs = performance.now();
  try {
    await askOnce(asked);
    failures = 0;
  } catch {
    failures += 1;
  }
  isAsking = false;
  tryBrokenAgain();
  const rest = Math.max(EVERY_MS * 2 ** failures, (performance.now() - beganMs) * TIMES_SLOW);
  if (place()) schedule(Math.min(rest, MOST_MS));
}

async function askOnce(asked: string): Promise<void> {
  const answer = await ask(asked);
  if (answer.redirected || GONE.has(answer.status)) return refreshTopic(place()?.dataset['topic'] ?? '');
  if (answer.status !== 200) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const [region, incoming, next] = [document.getElementById('results'), fresh.getElementById('results'), fresh.getElementById('run-look')];
  // The page may have been renewed meanwhile, by the end of the run for one.
  if (!region || !incoming || !next || place()?.dataset['look'] !== asked) return;
  const before = Number(region.dataset['files']);
  mergeRegion(region, incoming);
  place()!.dataset['look'] = next.dataset['look'] ?? '';
  refreshTimes();
  announce(before, incoming.dataset);
  document.dispatchEvent(new CustomEvent('live:merged'));
}

function announce(before: number, { files, news = '' }: DOMStringMap): void {
  const count = Number(files);
  if (!(count > before) || performance.now() - saidMs < SAY_EVERY_MS) return;
  saidMs = performance.now();
  say(fillIn(news, { count }, pageLocale()));
}

/** A picture that was whole a moment ago may be written anew just now: words stand in its place until it can be shown. */
function hideBroken(target: EventTarget | null): void {
  if (!(target instanceof HTMLImageElement) || !target.closest('#results')) return;
  broken.add(target);
  const words = document.getElementById('results')?.dataset['wait'];
  if (words === undefined || target.hidden) return;
  target.hidden = true;
  target.after(Object.assign(document.createElement('span'), { className: 'picture-wait', textContent: words }));
}

/** A fresh page brings them back, with the same address or with that of a newer version. */
function hideAllBroken(): void {
  for (const image of broken) {
    if (!image.isConnected) broken.delete(image);
    else if (image.complete && image.naturalWidth === 0) hideBroken(image);
  }
  if (!place()) tryBrokenAgain();
}

function tryBrokenAgain(): void {
  for (const image of broken) {
    const probe = new Image();
    probe.addEventListener('load', () => showAgain(image));
    probe.src = image.src;
  }
}

function showAgain(image: HTMLImageElement): void {
  broken.delete(image);
  if (image.nextElementSibling?.matches('.picture-wait')) image.nextElementSibling.remove();
  image.hidden = false;
  const address = image.src;
  image.src = address;
}
