/**
 * Live pages. The whole contract for a page:
 *
 *   <section id="run" data-live="run:12"> … </section>
 *
 * A region has an `id` and says in `data-live` what it depends on, several words separated by blanks:
 *   `run:12`        one run: its state, its progress
 *   `project:<id>`  the runs of one's own project
 *   `mine`          any run of one's own
 *   `queue`         any run that the person may see
 *   `runners`       which runners are alive
 * When one of these has news the page fetches its own address again and merges the regions concerned, found by their ids. A region
 * that the fresh page lacks is left alone. Focus, open `<details>`, and what somebody has typed survive. An element with `data-keep`
 * belongs to a script and is never touched (a log that grows by itself). Give rows an `id`, so that they are recognised.
 *
 * Modules that fetch by themselves (the log) import `onNews('run:12', handler)` from here. After each merge the document gets the
 * event `live:merged`. One's own runs are announced in the page's one `role="status"` line, nothing else is.
 */
import { ask, say, whenServerIsBack } from './ask.js';
import { LiveSource, type Condition, type News } from './live-source.js';
import { pageCameMs, setClockBy } from './server-clock.js';
import { refreshTimes } from './times.js';

/** A page that changes all the time is fetched this often at most. */
const LEAST_GAP_MS = 1000;
/** A server that is away is asked less and less often. */
const MOST_GAP_MS = 30_000;
/** Topic of a poll: what is over hardly changes any more, and is left alone. */
const POLL = '?';

const handlers: { topic: string; handle: () => void }[] = [];
let changed = new Set<string>();
let timer: number | undefined;
/** By a clock that nobody sets. */
let fetchedMs = -LEAST_GAP_MS;
let failures = 0;
let fetching = false;

/** Calls `handle` whenever the topic (see above) has news. */
export function onNews(topic: string, handle: () => void): void {
  handlers.push({ topic, handle });
}

/** For modules that learn of something by themselves: fetches the page and merges the regions of the topic, as after news. */
export function refreshTopic(topic: string): void {
  changed.add(topic);
  schedule();
}

/** Begins to listen where the page says so: on its body for people who are logged in, if there is anything to keep live. */
export function startLive(): void {
  const address = document.body.dataset['events'];
  if (!address) return;
  queueMicrotask(() => {
    if (handlers.length === 0 && !document.querySelector('[data-live]')) return;
    const source = new LiveSource(address, Number(document.body.dataset['written']) - pageCameMs(), hear, showCondition);
    whenServerIsBack(() => source.tryAgain());
    source.start();
  });
}

function hear(news: News): void {
  const topics = topicsOf(news);
  for (const { topic, handle } of handlers) if (concerns(topic, topics)) handle();
  if (!concernedRegions(topics).length) return;
  for (const topic of topics) changed.add(topic);
  announce(news);
  schedule();
}

function topicsOf(news: News): Set<string> {
  const topics = new Set<string>();
  if (news.everything) topics.add(news.everything === 'poll' ? POLL : '*');
  if (news.runners) topics.add('runners');
  for (const run of news.runs) {
    topics.add('queue').add(`run:${run.id}`);
    if (run.project) topics.add('mine').add(`project:${run.project}`);
  }
  return topics;
}

function concerns(topic: string, topics: Set<string>): boolean {
  return topics.has('*') || topics.has(POLL) || topics.has(topic);
}

function concernedRegions(topics: Set<string>): HTMLElement[] {
  const isPollAlone = topics.size === 1 && topics.has(POLL);
  return [...document.querySelectorAll<HTMLElement>(`[data-live][id]${isPollAlone ? ':not([data-settled])' : ''}`)].filter((region) =>
    (region.dataset['live'] ?? '').split(/\s+/).some((topic) => concerns(topic, topics)),
  );
}

function schedule(): void {
  if (timer !== undefined || fetching) return;
  const gap = Math.min(LEAST_GAP_MS * 2 ** failures, MOST_GAP_MS);
  timer = window.setTimeout(() => void refresh(), Math.max(0, fetchedMs + gap - performance.now()));
}

async function refresh(): Promise<void> {
  timer = undefined;
  // Whoever comes back to the page looks at everything.
  if (document.hidden) return;
  fetching = true;
  fetchedMs = performance.now();
  const topics = changed;
  changed = new Set();
  try {
    await mergeFreshPage(topics);
    failures = 0;
  } catch {
    // The server is away for a moment, and the news would be lost.
    for (const topic of topics) changed.add(topic);
    failures += 1;
  } finally {
    fetching = false;
    if (changed.size > 0) schedule();
  }
}

async function mergeFreshPage(topics: Set<string>): Promise<void> {
  const answer = await ask(location.href);
  // Logged out in another tab, or the thing is gone: let the browser show the page that says so.
  if (answer.redirected || answer.status === 401 || answer.status === 403 || answer.status === 404) return location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (isOfAnotherVersion(fresh) && !hasBeenTypedIn()) return location.reload();
  // Most pages of most people never merge anything.
  const { mergeRegion } = await import('./merge-region.js');
  for (const region of concernedRegions(topics)) {
    const incoming = fresh.getElementById(region.id);
    if (incoming && region.isConnected) mergeRegion(region, incoming);
  }
  document.title = fresh.title;
  setClockBy(fresh);
  refreshTimes();
  document.dispatchEvent(new CustomEvent('live:merged'));
}

function announce(news: News): void {
  const sentence = news.runs
    .map((run) => run.say)
    .filter(Boolean)
    .join('. ');
  if (sentence) say(sentence);
}

/** The server was updated: its pages want other scripts and another style sheet than this one has. */
function isOfAnotherVersion(fresh: Document): boolean {
  const [own, theirs] = [document, fresh].map((page) => page.querySelector('script[type="module"][src]')?.getAttribute('src'));
  return Boolean(theirs) && own !== theirs;
}

function hasBeenTypedIn(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea');
  const boxes = document.querySelectorAll<HTMLInputElement>('input[type="checkbox"], input[type="radio"]');
  const options = document.querySelectorAll<HTMLOptionElement>('option[selected], option:checked');
  return (
    [...fields].some((field) => field.value !== field.defaultValue) ||
    [...boxes].some((box) => box.checked !== box.defaultChecked) ||
    // A menu without a default has its first option chosen.
    [...options].some((option) => option.selected !== option.defaultSelected && option.index > 0) ||
    document.querySelector('#upload-rows > *') !== null
  );
}

/** The style sheet shows `.live-on` or `.live-off` by it. */
function showCondition(condition: Condition): void {
  document.documentElement.dataset['news'] = condition;
}
