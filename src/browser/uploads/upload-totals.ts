import type { ItemState, UploadItem } from './upload-item.js';

/** Sums over all files of this page, kept up to date file by file: there may be thousands. */
export class UploadTotals {
  count = 0;
  /** Bytes of all that is not left out, cancelled or failed. */
  size = 0;
  sent = 0;
  private readonly states = new Map<ItemState, number>();
  private readonly known = new Map<UploadItem, { state: ItemState; sent: number }>();

  /** Something about a file is other than before, or it is new. */
  update(item: UploadItem): void {
    const before = this.known.get(item);
    if (before) {
      this.add(before.state, -1);
      this.sent -= counts(before.state) ? before.sent : 0;
      this.size -= counts(before.state) ? item.size : 0;
    } else this.count += 1;
    this.add(item.state, 1);
    this.sent += counts(item.state) ? item.sent : 0;
    this.size += counts(item.state) ? item.size : 0;
    this.known.set(item, { state: item.state, sent: item.sent });
  }

  forget(items: Iterable<UploadItem>): void {
    for (const item of items) {
      const { state, sent } = this.known.get(item) ?? { state: item.state, sent: 0 };
      if (!this.known.delete(item)) continue;
      this.count -= 1;
      this.add(state, -1);
      this.sent -= counts(state) ? sent : 0;
      this.size -= counts(state) ? item.size : 0;
    }
  }

  items(): IterableIterator<UploadItem> {
    return this.known.keys();
  }

  of(...states: ItemState[]): number {
    return states.reduce((sum, state) => sum + (this.states.get(state) ?? 0), 0);
  }

  /** Files that still have a way to go. */
  get open(): number {
    return this.of('waiting', 'sending', 'held', 'paused', 'asking');
  }

  private add(state: ItemState, change: number): void {
    this.states.set(state, (this.states.get(state) ?? 0) + change);
  }
}

function counts(state: ItemState): boolean {
  return state !== 'failed' && state !== 'skipped' && state !== 'cancelled';
}
