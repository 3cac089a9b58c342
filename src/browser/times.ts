/** Keeps `<time data-when>` `<time data-date>` `<time data-exact>` `[data-since]` and `[data-left]` (milliseconds since 1970) true, in the reader's own time zone. */
import { writeBytesBy } from './amounts.js';
import { fillIn } from './sentences.js';
import { pageCameMs, serverNow, setClockBy } from './server-clock.js';
import { date, duration, endByPace, exactTime, fullTime, relativeTime, timeLeft, type TimeWords } from './time-words.js';

const TICK_MS = 1000;
let words: TimeWords | undefined;

export function startTimes(): void {
  const source = document.getElementById('time-words')?.textContent;
  if (!source) return;
  words = JSON.parse(source) as TimeWords;
  const { bytes, locale = '' } = words;
  if (bytes !== undefined) writeBytesBy((count) => fillIn(bytes, { count }, locale));
  setClockBy(document, performance.now() - pageCameMs());
  refreshTimes();
  setInterval(() => {
    if (!document.hidden) refreshTimes();
  }, TICK_MS);
}

/** Writes all times of the page, or of new content, anew. */
export function refreshTimes(root: ParentNode = document): void {
  if (!words) return;
  const now = serverNow();
  for (const element of root.querySelectorAll<HTMLElement>('[data-when]')) {
    const at = Number(element.dataset['when']);
    // What is only expected, and late, is still to come.
    write(element, relativeTime(element.dataset['expected'] ? Math.max(at, now + TICK_MS) : at, now, words));
    entitle(element, fullTime(at, words.locale));
  }
  for (const element of root.querySelectorAll<HTMLElement>('[data-date]')) {
    const at = Number(element.dataset['date']);
    write(element, date(at, words.locale));
    entitle(element, fullTime(at, words.locale));
  }
  for (const element of root.querySelectorAll<HTMLElement>('[data-exact]')) {
    const at = Number(element.dataset['exact']);
    write(element, exactTime(at, words.locale));
    entitle(element, fullTime(at, words.locale));
  }
  for (const element of root.querySelectorAll<HTMLElement>('[data-since]')) {
    write(element, duration(Math.max(0, now - Number(element.dataset['since'])) / 1000, words));
  }
  refreshTimesLeft(root, now, words);
}

/** The guess of the server, counted down while nothing new is known. */
function refreshTimesLeft(root: ParentNode, now: number, known: TimeWords): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-left]')) {
    const { left, late, paceSince, pacePercent } = element.dataset;
    const pace = paceSince && pacePercent ? { sinceMs: Number(paceSince), percent: Number(pacePercent) } : null;
    const endMs = pace ? endByPace(Number(left), pace, now) : Number(left);
    write(element, timeLeft(endMs, late ? Number(late) : null, now, known));
  }
}

function entitle(element: HTMLElement, title: string): void {
  if (element.title !== title) element.title = title;
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
