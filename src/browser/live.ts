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
import { LiveSource, type Condition, type News } from './live-source.js';
import { refreshTimes } from './times.js';

/** A page that changes all the time is fetched this often at most. */
const LEAST_GAP_MS = 1000;

const handlers: { topic: string; handle: () => void }[] = [];
let changed = new Set<string>();
let timer: number | undefined;
let fetchedMs = 0;
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
    new LiveSource(address, Number(document.body.dataset['written']), hear, showCondition).start();
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
  if (news.everything) topics.add('*');
  if (news.runners) topics.add('runners');
  for (const run of news.runs) {
    topics.add('queue').add(`run:${run.id}`);
    if (run.project) topics.add('mine').add(`project:${run.project}`);
  }
  return topics;
}

function concerns(topic: string, topics: Set<string>): boolean {
  return topics.has('*') || topics.has(topic);
}

function concernedRegions(topics: Set<string>): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-live][id]')].filter((region) =>
    (region.dataset['live'] ?? '').split(/\s+/).some((topic) => concerns(topic, topics)),
  );
}

function schedule(): void {
  if (timer !== undefined || fetching) return;
  timer = window.setTimeout(() => void refresh(), Math.max(0, fetchedMs + LEAST_GAP_MS - Date.now()));
}

async function refresh(): Promise<void> {
  timer = undefined;
  fetching = true;
  fetchedMs = Date.now();
  const topics = changed;
  changed = new Set();
  try {
    await mergeFreshPage(topics);
  } catch {
    // The server is away for a moment; the next news, or the poll, tries again.
  } finally {
    fetching = false;
    if (changed.size > 0) schedule();
  }
}

async function mergeFreshPage(topics: Set<string>): Promise<void> {
  const answer = await fetch(location.href, { headers: { accept: 'text/html', 'x-live': 'yes' }, cache: 'no-store' });
  // Logged out in another tab, or the thing is gone: let the browser show the page that says so.
  if (answer.redirected || answer.status === 401 || answer.status === 403 || answer.status === 404) return location.reload();
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  // Most pages of most people never merge anything.
  const { mergeRegion } = await import('./merge-region.js');
  for (const region of concernedRegions(topics)) {
    const incoming = fresh.getElementById(region.id);
    if (incoming && region.isConnected) mergeRegion(region, incoming);
  }
  document.title = fresh.title;
  refreshTimes();
  document.dispatchEvent(new CustomEvent('live:merged'));
}

function announce(news: News): void {
  const sentence = news.runs
    .map((run) => run.say)
    .filter(Boolean)
    .join('. ');
  const line = document.getElementById('live-status');
  if (line && sentence) line.textContent = sentence;
}

/** The style sheet shows `.live-on` or `.live-off` by it. */
function showCondition(condition: Condition): void {
  document.documentElement.dataset['news'] = condition;
}
