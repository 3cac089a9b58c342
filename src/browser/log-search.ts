/** Searching a log: the server looks through it piece by piece; the first thousand hits are kept, beyond them each next one is asked for. */
import type { LogWindow } from './log-window.js';
import { atOf, fetchJson, fill, type Words } from './log-rows.js';

interface Hit {
  at: number;
  line: number | null;
}

interface Result {
  hits: Hit[];
  scanned: number;
  isDone: boolean;
}

type Sought = Record<string, string | number>;

const MOST_HITS = 1000;

export class LogSearch {
  private sought: Sought | null = null;
  private hits: Hit[] = [];
  /** Bytes that were looked through for `hits`. */
  private scanned = 0;
  private isComplete = false;
  private current: number | null = null;
  private asking: AbortController | null = null;

  constructor(
    private readonly section: HTMLElement,
    private readonly window: LogWindow,
    private readonly words: Words,
  ) {}

  start(): void {
    const form = this.section.querySelector<HTMLFormElement>('[data-log-search]');
    form?.addEventListener('submit', (event) => {
      event.preventDefault();
      const words = this.field()?.value ?? '';
      const isExpression = form.querySelector<HTMLInputElement>('[name="expression"]')?.checked ?? false;
      if (words === '') this.clear();
      else this.begin({ q: words, ...(isExpression ? { expression: 1 } : {}) });
    });
    this.section.addEventListener('click', (event) => {
      const act = (event.target as Element).closest<HTMLElement>('[data-log-do]')?.dataset['logDo'];
      if (act === 'errors') this.begin({ errors: 1 });
      else if (act === 'next') void this.step(false);
      else if (act === 'previous') void this.step(true);
      else if (act === 'clear') this.clear();
      else return;
      event.preventDefault();
    });
    this.field()?.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !this.sought || this.field()?.value !== this.sought['q']) return;
      event.preventDefault();
      void this.step(event.shiftKey);
    });
    new MutationObserver(() => this.mark()).observe(this.window.log, { childList: true });
  }

  private begin(sought: Sought): void {
    this.forget();
    this.sought = sought;
    this.walk(true);
    void this.collect(sought).catch((error: unknown) => this.failed(error));
  }

  /** Goes through the log from its beginning; shows the first hit at or below the place that is seen, as soon as it is known. */
  private async collect(sought: Sought): Promise<void> {
    const asking = (this.asking = new AbortController());
    const from = this.place();
    while (!this.isComplete && this.hits.length < MOST_HITS) {
      this.say(fill(this.words['searching'], { percent: this.percent() }));
      const query = { ...sought, from: this.scanned, most: MOST_HITS - this.hits.length };
      const result = (await fetchJson(this.window.address, 'search', query, asking.signal)) as Result;
      if (this.sought !== sought) return;
      this.hits.push(...result.hits);
      this.scanned = result.scanned;
      this.isComplete = result.isDone;
      const first = this.hits.find((hit) => hit.at >= from) ?? (this.isComplete ? this.hits[0] : undefined);
      if (this.current === null && first) await this.goTo(first.at);
    }
    if (this.current === null && this.hits[0]) await this.goTo(this.hits[0].at);
    this.mark();
    this.tell();
  }

  private async step(backwards: boolean): Promise<void> {
    const { sought } = this;
    if (!sought) return;
    const from = this.current ?? this.place();
    const known = backwards ? this.hits.filter((hit) => hit.at < from).at(-1) : this.hits.find((hit) => hit.at > from);
    // Backwards the hits that are known are only the nearest ones while we stand among them.
    if (known && (!backwards || this.isComplete || from <= this.scanned)) await this.goTo(known.at);
    else if (!this.isComplete) await this.askOn(sought, from, backwards);
    else return this.say(this.words['noHitsAfter'] ?? '');
    this.tell();
  }

  /** Beyond the hits that are known. */
  private async askOn(sought: Sought, current: number, backwards: boolean): Promise<void> {
    const row = this.window.rowOf(current);
    let from = backwards ? (row ? atOf(row) : current) : atOf(row?.nextElementSibling) || current + 1;
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      for (;;) {
        const query = { ...sought, from, most: 1, ...(backwards ? { backwards: 1 } : {}) };
        const result = (await fetchJson(this.window.address, 'search', query, asking.signal)) as Result;
        const [hit] = result.hits;
        if (hit) return await this.goTo(hit.at);
        if (result.isDone) return this.say(this.words['noHitsAfter'] ?? '');
        from = result.scanned;
      }
    } catch (error) {
      this.failed(error);
    }
  }

  private async goTo(at: number): Promise<void> {
    this.current = at;
    const follow = this.section.querySelector<HTMLInputElement>('#log-follow');
    if (follow) follow.checked = false;
    await this.window.toPlace({ at }, true);
    this.mark();
  }

  private failed(error: unknown): void {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    const sentence = error instanceof Error && /\s/.test(error.message) ? error.message : this.words['searchFailed'];
    this.say(sentence ?? '');
  }

  private tell(): void {
    const count = this.hits.length;
    const index = this.hits.findIndex((hit) => hit.at === this.current) + 1;
    if (count === 0) return this.say(this.words['noHits'] ?? '');
    const all = fill(this.words[this.isComplete ? 'hits' : 'hitsMost'], { count });
    this.say(index > 0 && this.isComplete ? fill(this.words['hitOf'], { index, count }) : all);
  }

  /** Rows with hits get a mark, and words that were looked for a ground, where the browser can do that without touching the text. */
  private mark(): void {
    const { log } = this.window;
    for (const row of log.querySelectorAll('.hit')) row.classList.remove('hit');
    for (const { at } of this.hits) this.window.rowOf(at)?.classList.add('hit');
    if (!('highlights' in CSS)) return;
    CSS.highlights.delete('log-hits');
    const words = this.sought && !this.sought['expression'] ? String(this.sought['q'] ?? '').toLowerCase() : '';
    if (words !== '') CSS.highlights.set('log-hits', new Highlight(...rangesOf(log, words)));
  }

  private clear(): void {
    this.forget();
    const field = this.field();
    if (field) field.value = '';
    document.getElementById('log-hits')?.remove();
    this.walk(false);
    this.say('');
    this.mark();
  }

  private forget(): void {
    this.asking?.abort();
    Object.assign(this, { sought: null, hits: [], scanned: 0, isComplete: false, current: null });
  }

  private walk(isOn: boolean): void {
    const buttons = this.section.querySelector<HTMLElement>('[data-log-walk]');
    if (buttons) buttons.hidden = !isOn;
  }

  private place(): number {
    return atOf(this.window.topRow()) || 0;
  }

  private percent(): number {
    return this.window.size === 0 ? 0 : Math.min(100, Math.round((100 * this.scanned) / this.window.size));
  }

  private say(sentence: string): void {
    const line = this.section.querySelector('[data-log-found]');
    if (line) line.textContent = sentence;
  }

  private field(): HTMLInputElement | null {
    return this.section.querySelector<HTMLInputElement>('#log-words');
  }
}

/** Where the words stand in the text of the rows; words that colours cut apart are left out. */
function rangesOf(log: HTMLElement, words: string): Range[] {
  const ranges: Range[] = [];
  const texts = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const text = (node.textContent ?? '').toLowerCase();
    for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + words.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      ranges.push(range);
    }
  }
  return ranges;
}
