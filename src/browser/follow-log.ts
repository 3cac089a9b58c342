/** A log that grows: `<pre data-log="address" data-next data-number data-attempt data-topic="run:12">` fetches what came and adds it. */

import { refreshTopic } from './live.js';

interface Line {
  text: string;
  tone: 'plain' | 'warning' | 'error';
}

interface News {
  lines: Line[];
  unfinished: Line | null;
  next: number;
  skipped: boolean;
  attempt: number;
  grows: boolean;
}

const EVERY_MS = 700;
/** A server that is away is asked less often. */
const EVERY_MS_AFTER_FAILURE = 5000;
const MOST_LINES = 2000;
/** A program that writes its log writes results as well: they are looked for this often at most. */
const RESULTS_EVERY_MS = 10_000;
/** Scrolled this close to the end counts as being there. */
const NEAR_END_PX = 24;
const CLASSES = { plain: '', warning: 'wrn', error: 'err' } as const;

let following: LogFollower | undefined;

/** Follows the log on the page, if there is one that is not followed yet. */
export function followLog(): void {
  const log = document.querySelector<HTMLElement>('[data-log]');
  if (!log || following?.log === log) return;
  following = new LogFollower(log);
  following.start();
}

class LogFollower {
  private next: number;
  private number: number;
  private attempt: number;
  private unfinished: HTMLElement | null;
  private resultsSeenMs = Date.now();

  constructor(readonly log: HTMLElement) {
    this.next = Number(log.dataset['next']);
    this.number = log.dataset['number'] ? Number(log.dataset['number']) : Number.NaN;
    this.attempt = Number(log.dataset['attempt']);
    this.unfinished = 'unfinished' in log.dataset ? (log.lastElementChild as HTMLElement | null) : null;
  }

  start(): void {
    this.scrollToEnd();
    this.markLast();
    this.log.addEventListener('scroll', () => {
      const box = this.box();
      if (box) box.checked = this.isAtEnd();
    });
    this.box()?.addEventListener('change', () => this.scrollToEnd());
    void this.look();
  }

  private async look(): Promise<void> {
    let delay = EVERY_MS;
    if (!document.hidden) {
      try {
        if (!(await this.fetchNews())) return;
      } catch {
        delay = EVERY_MS_AFTER_FAILURE;
      }
    }
    // Not for ever: the region is replaced as soon as the run has ended.
    if (this.log.isConnected) setTimeout(() => void this.look(), delay);
  }

  /** @returns false when nothing will come any more. */
  private async fetchNews(): Promise<boolean> {
    const answer = await fetch(`${this.log.dataset['log'] ?? ''}?from=${this.next}`, { headers: { accept: 'application/json' } });
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) return false;
    if (!answer.ok) throw new Error(String(answer.status));
    const news = (await answer.json()) as News;
    if (news.attempt !== this.attempt) return this.beginAgain(news.attempt);
    this.show(news);
    return news.grows;
  }

  private beginAgain(attempt: number): true {
    this.attempt = attempt;
    this.next = 0;
    this.number = 1;
    this.unfinished = null;
    this.log.replaceChildren();
    return true;
  }

  private show(news: News): void {
    this.next = news.next;
    if (news.lines.length === 0 && this.unfinished?.textContent === news.unfinished?.text) return;
    const stay = this.box()?.checked ?? false;
    this.unfinished?.remove();
    this.unfinished = null;
    const fragment = document.createDocumentFragment();
    if (news.skipped) {
      this.number = Number.NaN;
      fragment.append(line({ text: this.log.dataset['skipped'] ?? '', tone: 'warning' }, Number.NaN));
    }
    for (const one of news.lines) fragment.append(line(one, this.number++));
    if (news.unfinished) fragment.append((this.unfinished = line(news.unfinished, this.number)));
    this.log.append(fragment);
    while (this.log.childElementCount > MOST_LINES) this.log.firstElementChild?.remove();
    this.markLast();
    if (stay) this.scrollToEnd();
    this.lookForResults();
  }

  private lookForResults(): void {
    const topic = this.log.dataset['topic'];
    if (!topic || Date.now() - this.resultsSeenMs < RESULTS_EVERY_MS) return;
    this.resultsSeenMs = Date.now();
    refreshTopic(topic);
  }

  private markLast(): void {
    this.log.querySelector('.hot')?.classList.remove('hot');
    this.log.lastElementChild?.classList.add('hot');
  }

  private box(): HTMLInputElement | null {
    return document.querySelector<HTMLInputElement>('#log-follow');
  }

  private isAtEnd(): boolean {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  private scrollToEnd(): void {
    if (this.box()?.checked) this.log.scrollTop = this.log.scrollHeight;
  }
}

function line({ text, tone }: Line, number: number): HTMLElement {
  const element = document.createElement('span');
  element.textContent = text;
  element.className = CLASSES[tone];
  if (!Number.isNaN(number)) element.dataset['n'] = String(number);
  return element;
}
