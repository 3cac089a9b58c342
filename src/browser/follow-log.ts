/** A log that grows: `<pre data-log="address" data-resume data-attempt>` fetches what came and adds it. */

import { dropFrom, fetchRows, Gone, makeRoom, readWords, rowElements, type LogAddress, type Rows, type Words } from './log-rows.js';

const EVERY_MS = 700;
/** A log that has said nothing for so many looks is looked at less often. */
const QUIET_LOOKS = 20;
const QUIET_EVERY_MS = 2500;
/** An answer that does not come is asked for again. */
const PATIENCE_MS = 30_000;
/** A server that is away is asked less often. */
const EVERY_MS_AFTER_FAILURE = 5000;
const MOST_ROWS = 2000;
/** Scrolled this close to the end counts as being there. */
const NEAR_END_PX = 24;

let following: LogFollower | undefined;
let ended: HTMLElement | null = null;

/** Follows the log on the page, if there is one that is not followed yet; of one that has ended shows the end. */
export function followLog(): void {
  showEnd(document.getElementById('log-ended'));
  const log = document.querySelector<HTMLElement>('pre[data-log]');
  if (!log || following?.log === log) return;
  following = new LogFollower(log);
  following.start();
}

/** Once: whoever scrolls there stays where they are. */
function showEnd(log: HTMLElement | null): void {
  if (log && log !== ended) log.scrollTop = log.scrollHeight;
  ended = log;
}

class LogFollower {
  private resume: number;
  private attempt: number;
  private last = '';
  private quiet = 0;
  private readonly address: LogAddress;
  private readonly words: Words;

  constructor(readonly log: HTMLElement) {
    this.resume = Number(log.dataset['resume']);
    this.attempt = Number(log.dataset['attempt']);
    this.address = { base: log.dataset['log'] ?? '', attempt: undefined, isLive: true };
    this.words = readWords();
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
    let delay = this.quiet < QUIET_LOOKS ? EVERY_MS : QUIET_EVERY_MS;
    if (!document.hidden) {
      try {
        if (!(await this.fetchNews())) return;
      } catch (error) {
        if (error instanceof Gone) return;
        delay = EVERY_MS_AFTER_FAILURE;
      }
    }
    // Not for ever: the region is replaced as soon as the run has ended.
    if (this.log.isConnected) setTimeout(() => void this.look(), delay);
  }

  /** @returns false when nothing will come any more. */
  private async fetchNews(): Promise<boolean> {
    let news = await this.fetch({ at: this.resume });
    if (news.attempt !== this.attempt || news.size < this.resume) return this.beginAgain(news.attempt);
    // Who cannot keep up sees the end instead.
    if (news.to < news.size) {
      news = await this.fetch({});
      this.log.replaceChildren(this.skipped());
    }
    this.show(news);
    return news.grows;
  }

  private fetch(query: Record<string, number>): Promise<Rows> {
    return fetchRows(this.address, query, AbortSignal.timeout(PATIENCE_MS));
  }

  private beginAgain(attempt: number): true {
    this.attempt = attempt;
    this.resume = 0;
    this.log.replaceChildren();
    return true;
  }

  private show(news: Rows): void {
    const said = JSON.stringify([news.from, news.rows]);
    this.resume = news.resume;
    this.quiet += 1;
    if (said === this.last || (news.rows.length === 0 && news.from === news.to)) return;
    this.last = said;
    this.quiet = 0;
    const stay = this.box()?.checked ?? false;
    dropFrom(this.log, news.from);
    this.log.append(rowElements(news, this.address, this.words));
    makeRoom(this.log, news.lines, news.size);
    while (this.log.childElementCount > MOST_ROWS) this.log.firstElementChild?.remove();
    this.markLast();
    if (stay) this.scrollToEnd();
  }

  private skipped(): HTMLElement {
    return Object.assign(document.createElement('span'), { textContent: this.log.dataset['skipped'] ?? '', className: 'wrn' });
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
