import type { UploadItem } from './upload-item.js';
import type { UploadTotals } from './upload-totals.js';
import { UploadRow, type Act } from './upload-row.js';
import { numberOf, say } from './words.js';

/** A line each for so many files; more of them are told by their number. */
const MOST_ROWS = 100;

/** The lines of the files: what is on its way, what went wrong, and as much as fits of what waits. */
export class UploadList {
  private readonly list = document.getElementById('upload-rows')!;
  private readonly more = document.getElementById('uploads-more')!;
  private readonly rows = new Map<UploadItem, UploadRow>();

  constructor(
    private readonly totals: UploadTotals,
    private readonly isOffline: () => boolean,
    private readonly onAct: (item: UploadItem, act: Act) => void,
  ) {}

  show(item: UploadItem): void {
    const row = this.rows.get(item);
    if (row) {
      if (this.isWorthARow(item)) row.draw();
      else this.remove(item);
    } else if (this.rows.size < MOST_ROWS && this.isWorthARow(item)) this.add(item);
    this.tellMore();
  }

  /** Gives the place of files that are over to others. */
  remove(item: UploadItem): void {
    const row = this.rows.get(item);
    if (!row) return;
    const hadFocus = row.element.contains(document.activeElement);
    const next = (row.element.nextElementSibling ?? row.element.previousElementSibling) as HTMLElement | null;
    row.element.remove();
    this.rows.delete(item);
    if (hadFocus)
      (next?.querySelector<HTMLElement>('button:not([hidden])') ?? document.querySelector<HTMLElement>('[data-choose]'))?.focus();
  }

  /** Offline or not is a matter of the whole list. */
  redraw(): void {
    for (const row of this.rows.values()) row.draw();
  }

  private add(item: UploadItem): void {
    const row = new UploadRow(item, this.isOffline, (act) => this.onAct(item, act));
    this.rows.set(item, row);
    this.list.append(row.element);
  }

  /** Of thousands only those are shown that do something, or that somebody has to do something about. */
  private isWorthARow(item: UploadItem): boolean {
    if (item.state === 'skipped') return false;
    if (item.state === 'cancelled') return this.totals.count <= MOST_ROWS;
    if (item.state === 'done') return item.note !== '' || this.totals.count <= MOST_ROWS;
    return item.state !== 'waiting' || this.totals.count <= MOST_ROWS || item.sent > 0;
  }

  private tellMore(): void {
    const shown = { waiting: 0, failed: 0 };
    for (const item of this.rows.keys()) {
      if (item.state === 'waiting') shown.waiting += 1;
      if (item.state === 'failed') shown.failed += 1;
    }
    const waiting = this.totals.of('waiting') - shown.waiting;
    const failed = this.totals.of('failed') - shown.failed;
    const parts = [];
    if (waiting > 0) parts.push(say('jsMoreWaiting', { count: numberOf(waiting) }));
    if (failed > 0) parts.push(say('jsMoreFailed', { count: numberOf(failed) }));
    this.more.textContent = parts.join(', ');
    this.more.hidden = parts.length === 0;
  }
}
