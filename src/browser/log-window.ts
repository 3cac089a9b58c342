/**
 * The part of a log that stands on the page: some hundred rows around the place that is looked at, fetched as one scrolls towards their
 * ends and let go at the other end, so that a log of any length costs the browser the same.
 */
import { atOf, dropFrom, fetchRows, makeRoom, rowElements, setNumber, type LogAddress, type Rows, type Words } from './log-rows.js';

const MOST_ROWS = 1500;
const PAGE_ROWS = 300;
const ROWS_ABOVE = 100;
/** More is fetched when fewer pixels than this are left. */
const AHEAD_PX = 1200;
const NEAR_END_PX = 24;
const NUMBERS_AGAIN_MS = 700;
/** Beyond the end of every log: asks for its size only. */
const BEYOND = 999_999_999_999_999;

export class LogWindow {
  /** What is in the page, as bytes of the log. */
  from: number;
  to: number;
  /** As far as it is known. */
  size: number;
  lines: number | null = null;
  private resume: number;
  private last = '';
  private busy = false;
  /** Grows with each jump: an answer that belongs to an earlier place is thrown away. */
  private generation = 0;
  private numbering: number | undefined;

  /** @param changed is called whenever other rows stand on the page. */
  constructor(
    readonly log: HTMLElement,
    readonly address: LogAddress,
    private readonly words: Words,
    private readonly changed: () => void,
  ) {
    const { from, to, resume, size } = log.dataset;
    this.from = Number(from);
    this.to = Number(to);
    this.resume = Number(resume);
    this.size = Number(size);
    this.numberLater();
  }

  /** Whether the end of the log, as far as it is known, is on the page. */
  get hasEnd(): boolean {
    return this.to >= this.size;
  }

  get isAtEnd(): boolean {
    return this.hasEnd && this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  scrollToEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** Fetches what scrolling comes near to. */
  async fillUp(): Promise<void> {
    if (this.busy) return;
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    if (scrollTop < AHEAD_PX && this.from > 0) await this.loadEarlier();
    else if (scrollHeight - scrollTop - clientHeight < AHEAD_PX && !this.hasEnd) await this.loadLater();
  }

  private async loadEarlier(): Promise<void> {
    const news = await this.ask({ before: this.from, most: PAGE_ROWS });
    if (!news) return;
    const { scrollHeight, scrollTop } = this.log;
    this.log.prepend(rowElements(news, this.address, this.words));
    this.log.scrollTop = scrollTop + this.log.scrollHeight - scrollHeight;
    this.from = news.from;
    if (this.log.childElementCount > MOST_ROWS) {
      this.to = atOf(this.log.children[MOST_ROWS]);
      dropFrom(this.log, this.to);
    }
    this.tell();
  }

  private async loadLater(): Promise<void> {
    const news = await this.ask({ at: this.to, most: PAGE_ROWS });
    if (!news) return;
    this.append(news);
    this.tell();
  }

  /** Rows that come in at the end; those at the beginning are let go. */
  private append(news: Rows): void {
    dropFrom(this.log, news.from);
    this.log.append(rowElements(news, this.address, this.words));
    this.to = news.to;
    this.resume = news.resume;
    const { scrollHeight, scrollTop } = this.log;
    let dropped = this.log.childElementCount - MOST_ROWS;
    if (dropped <= 0) return;
    for (; dropped > 0; dropped -= 1) this.log.firstElementChild?.remove();
    this.from = atOf(this.log.firstElementChild);
    this.log.scrollTop = scrollTop - (scrollHeight - this.log.scrollHeight);
  }

  /**
   * What came since at the end of the log.
   * @param follow whether the reader watches the end; else nothing is let go for it.
   * @returns null while another place is being fetched.
   */
  async news(follow: boolean): Promise<Rows | null> {
    const wasAtEnd = this.hasEnd;
    const isFull = this.log.childElementCount >= MOST_ROWS - PAGE_ROWS && !follow;
    const news = await this.ask(wasAtEnd && !isFull ? { at: this.resume } : { at: BEYOND, most: 1 });
    if (!news || !wasAtEnd || isFull) return news;
    const said = JSON.stringify([news.from, news.rows]);
    if (said === this.last || (news.rows.length === 0 && news.from === news.to)) return news;
    this.last = said;
    this.append(news);
    this.tell();
    return news;
  }

  /** Shows the end of the log. */
  async toEnd(): Promise<void> {
    this.busy = false;
    const news = await this.ask({ most: PAGE_ROWS }, true);
    if (!news) return;
    this.replace(news, news);
    this.scrollToEnd();
    this.tell();
  }

  /** @param place `at` a byte, or `line`; the row gets the class `here` if it is to be marked. @returns false when there is no such row. */
  async toPlace(place: { at: number } | { line: number }, mark: boolean): Promise<boolean> {
    if ('at' in place && this.show(place.at, mark)) return true;
    this.busy = false;
    const below = await this.ask({ ...place, most: PAGE_ROWS }, true);
    if (!below) return false;
    const above = below.from > 0 ? await this.ask({ before: below.from, most: ROWS_ABOVE }) : null;
    this.replace(above ?? below, below);
    if (above) this.log.prepend(rowElements(above, this.address, this.words));
    this.show('at' in place ? place.at : below.from, mark);
    this.tell();
    return true;
  }

  /** Scrolls to a row that is on the page. */
  private show(byte: number, mark: boolean): boolean {
    const row = this.rowOf(byte);
    if (!row) return false;
    if (mark) {
      this.log.querySelector('.here')?.classList.remove('here');
      row.classList.add('here');
    }
    this.log.scrollTop = row.offsetTop - this.log.clientHeight / 3;
    return true;
  }

  /** The row on the page that holds a byte. */
  rowOf(byte: number): HTMLElement | undefined {
    if (byte < this.from || byte >= this.to) return undefined;
    return this.rowBy((row) => atOf(row) <= byte);
  }

  /** The first row that is seen. */
  topRow(): HTMLElement | undefined {
    const top = this.log.scrollTop;
    return this.rowBy((row) => row.offsetTop <= top) ?? (this.log.firstElementChild as HTMLElement | undefined) ?? undefined;
  }

  /** The last row for which the condition holds; it holds for all before that. */
  private rowBy(holds: (row: HTMLElement) => boolean): HTMLElement | undefined {
    const rows = this.log.children;
    let low = -1;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (holds(rows[middle] as HTMLElement)) low = middle;
      else high = middle - 1;
    }
    return rows[low] as HTMLElement | undefined;
  }

  /** Begins at the first byte again, for a log that was replaced. */
  clear(): void {
    this.generation += 1;
    this.log.replaceChildren();
    Object.assign(this, { from: 0, to: 0, resume: 0, size: 0, last: '' });
  }

  private replace(above: Rows, below: Rows): void {
    this.log.replaceChildren(rowElements(below, this.address, this.words));
    this.from = above.from;
    this.to = below.to;
    this.resume = below.resume;
    this.last = '';
  }

  private tell(): void {
    makeRoom(this.log, this.lines, this.size);
    this.numberLater();
    this.changed();
  }

  /** One question at a time; a jump does not wait. @returns null for an answer that nobody needs any more. */
  private async ask(query: Record<string, number>, isJump = false): Promise<Rows | null> {
    if (this.busy) return null;
    this.busy = true;
    if (isJump) this.generation += 1;
    const generation = this.generation;
    try {
      const news = await fetchRows(this.address, query);
      if (generation !== this.generation) return null;
      this.size = news.size;
      this.lines = news.lines;
      return news;
    } finally {
      if (generation === this.generation) this.busy = false;
    }
  }

  /** Lines of a large log are counted in the background: their numbers come later. */
  private numberLater(): void {
    const top = this.log.firstElementChild as HTMLElement | null;
    if (!top || this.numbering !== undefined || hasNumber(top) || top.dataset['at'] === undefined) return;
    this.numbering = window.setTimeout(() => {
      this.numbering = undefined;
      void this.number();
    }, NUMBERS_AGAIN_MS);
  }

  private async number(): Promise<void> {
    const top = this.log.firstElementChild as HTMLElement | null;
    const news = top && (await fetchRows(this.address, { at: atOf(top), most: 1 }).catch(() => null));
    if (!news || !top.isConnected) return;
    this.lines = news.lines;
    let number = news.first;
    if (number === null) return this.numberLater();
    for (const row of this.log.children) {
      if (row !== top && !row.classList.contains('cont')) number += 1;
      if (row === top || !row.classList.contains('cont')) setNumber(row as HTMLElement, number, this.address, this.words);
    }
    makeRoom(this.log, this.lines, this.size);
    this.changed();
  }
}

function hasNumber(row: HTMLElement): boolean {
  return (row.firstElementChild as HTMLElement | null)?.dataset['n'] !== undefined;
}
