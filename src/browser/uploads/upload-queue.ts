import { FormTransfer, formful, MOST_IN_FORM, travelsInForm } from './form-transfer.js';
import { Network } from './network.js';
import type { Refusal, Transfer, TransferHooks } from './transfer.js';
import { lastName } from './transfer.js';
import { TusTransfer } from './tus-transfer.js';
import type { Choice, ItemState, UploadItem } from './upload-item.js';
import type { UploadSite } from './upload-site.js';
import { say } from './words.js';

const MOST_TRANSFERS = 3;
/** A name that is taken is a question, whatever the reason why it cannot simply be replaced. */
const QUESTIONS = new Set(['uploads.exists', 'uploads.folderExists', 'projects.inUse', 'projects.resultsInUse', 'projects.earlierInUse']);
const BUSY_PAUSE_MS = 3000;
/** Refusals in a row after which an upload that somebody else sends, or whose offset is another, is given up. */
const MOST_WAITS = 40;

/** What becomes of each file of this page: which one goes when, and what is done about every answer. */
export class UploadQueue {
  readonly network = new Network((isDown) => this.onNetwork(isDown));
  private readonly transfers = new Set<Transfer>();
  /** What may go, in order; what was paused or cancelled since is found out when its turn comes. */
  private readonly line: UploadItem[] = [];
  private readonly asked = new Set<UploadItem>();
  private isClosed = false;
  private readonly hooks: TransferHooks = {
    progress: (item, sent) => this.progress(item, sent),
    stored: (item, name) => this.stored(item, name),
    skipped: (item) => this.end(item, 'skipped'),
    refused: (item, refusal) => this.refused(item, refusal),
    broken: (item) => this.broken(item),
  };

  /**
   * @param onChange something about an item is other than before.
   * @param onRoom the server has given room back.
   */
  constructor(
    private readonly site: UploadSite,
    private readonly onChange: (item: UploadItem) => void,
    private readonly onRoom: () => void,
  ) {
    // Requests under way would hang for minutes before they fail.
    window.addEventListener('offline', () => this.loseNetwork());
  }

  add(items: readonly UploadItem[]): void {
    for (const item of items) this.line.push(item);
    this.pump();
  }

  /** The file about which the person is asked next. */
  get question(): UploadItem | undefined {
    return this.asked.values().next().value;
  }

  /** How many others of its batch wait for an answer, or may come to. */
  othersLike(item: UploadItem): number {
    return [...this.asked, ...this.line].filter((one) => one !== item && one.batch === item.batch && !one.isOver).length;
  }

  pause(item: UploadItem): void {
    if (item.isOver || item.state === 'asking') return;
    this.set(item, 'paused');
    this.release(item);
    this.pump();
  }

  /** Also for a file that failed: it is tried again. */
  resume(item: UploadItem): void {
    if (item.state !== 'paused' && item.state !== 'failed' && item.state !== 'held') return;
    item.notBefore = 0;
    item.waits = 0;
    this.set(item, 'waiting');
    this.pump();
  }

  cancel(item: UploadItem): void {
    if (item.isOver && item.state !== 'failed') return;
    this.set(item, 'cancelled');
    this.release(item);
    if (item.address !== undefined) void this.site.discard(item.address).then(() => this.onRoom());
    this.pump();
  }

  pauseAll(items: Iterable<UploadItem>): void {
    // Not one after the other, or each would hand its place to the next.
    this.isClosed = true;
    for (const item of items) this.pause(item);
    this.isClosed = false;
  }

  resumeAll(items: Iterable<UploadItem>): void {
    const paused = [...items].filter((item) => item.state === 'paused');
    this.isClosed = true;
    // Each goes to the front of the line.
    for (const item of paused.reverse()) this.resume(item);
    this.isClosed = false;
    this.pump();
  }

  cancelAll(items: Iterable<UploadItem>): void {
    this.isClosed = true;
    for (const item of items) if (!item.isOver) this.cancel(item);
    this.isClosed = false;
  }

  /** @param forAll whether it holds for all files of the same batch. */
  answer(item: UploadItem, choice: Choice, forAll: boolean): void {
    if (forAll) item.batch.choice = choice;
    const asked = forAll ? [...this.asked].filter((one) => one.batch === item.batch) : [item];
    for (const one of asked) this.decide(one, choice);
    this.pump();
  }

  private decide(item: UploadItem, choice: Choice): void {
    // Where nothing can be replaced that answer is none.
    if (choice === 'replace' && !item.question?.there) return;
    item.choice = choice;
    item.question = undefined;
    if (choice === 'skip') this.set(item, 'skipped');
    else this.set(item, 'waiting');
  }

  private pump(): void {
    while (!this.isClosed && !this.network.isDown && this.transfers.size < MOST_TRANSFERS) {
      const ready = this.ready();
      const [first] = ready;
      if (!first) return;
      const some = travelsInForm(first) ? formful(ready) : [first];
      for (const item of some) {
        this.line.splice(this.line.indexOf(item), 1);
        item.sent = 0;
        this.set(item, 'sending');
      }
      this.transfers.add(
        travelsInForm(first) ? new FormTransfer(some, this.site, this.hooks) : new TusTransfer(first, this.site, this.hooks),
      );
    }
  }

  /** What may go now, in order, as many as go into one form at most. */
  private ready(): UploadItem[] {
    const now = performance.now();
    const ready: UploadItem[] = [];
    for (let index = 0; index < this.line.length && ready.length < MOST_IN_FORM;) {
      const item = this.line[index];
      if (item.state !== 'waiting' && item.state !== 'held') {
        this.line.splice(index, 1);
        continue;
      }
      if (item.notBefore <= now) ready.push(item);
      index += 1;
    }
    return ready;
  }

  private progress(item: UploadItem, sent: number): void {
    item.sent = sent;
    item.waits = 0;
    this.network.works();
    this.onChange(item);
  }

  private stored(item: UploadItem, name: string): void {
    // It had left already when it was cancelled: it is in the list of files.
    if (item.state === 'cancelled') return;
    const isRenamed = name !== lastName(item.path);
    item.sent = item.size;
    this.end(item, 'done', isRenamed ? say('jsRenamed', { name }) : '');
  }

  private refused(item: UploadItem, refusal: Refusal): void {
    this.network.works();
    if (item.state !== 'sending') return;
    const { status, key } = refusal;
    if (key === 'uploads.skipped') return this.end(item, 'skipped');
    if (key !== undefined && QUESTIONS.has(key)) return this.ask(item, refusal);
    // HEAD requests have no body to tell which of them it is.
    if (status === 423 || (status === 409 && key === undefined)) return this.wait(item);
    if ((status === 404 || status === 410) && item.address !== undefined) {
      item.address = undefined;
      return this.end(item, 'waiting');
    }
    if (status === 401 || status === 403) return this.end(item, 'failed', say('jsLoggedOut'));
    this.end(item, 'failed', refusal.message || say('jsRefused'));
  }

  private ask(item: UploadItem, { key, message, values }: Refusal): void {
    const there = key === 'uploads.exists' ? { size: String(values['size']), changedMs: Number(values['changedMs']) } : undefined;
    item.question = { message, ...(there ? { there } : {}) };
    const answer = item.batch.choice;
    item.choice = undefined;
    this.end(item, 'asking');
    if (answer !== undefined) this.decide(item, answer);
    this.pump();
  }

  /** Another tab sends it, or the connection that we lost still counts. */
  private wait(item: UploadItem): void {
    item.waits += 1;
    if (item.waits > MOST_WAITS) return this.end(item, 'failed', say('jsBusy'));
    item.notBefore = performance.now() + BUSY_PAUSE_MS;
    this.end(item, 'held', item.waits > 2 ? say('jsBusy') : '');
    window.setTimeout(() => this.pump(), BUSY_PAUSE_MS + 10);
  }

  private broken(item: UploadItem): void {
    item.isRepeated = true;
    this.network.fails();
    if (item.state !== 'sending') return;
    this.end(item, 'held');
    void this.giveUpIfUnreadable(item);
  }

  private loseNetwork(): void {
    for (const transfer of this.transfers) {
      transfer.stop();
      for (const item of transfer.items) this.broken(item);
    }
  }

  /** A file that was changed or moved away breaks a request just as a network does. */
  private async giveUpIfUnreadable(item: UploadItem): Promise<void> {
    try {
      await item.file.slice(0, 1).arrayBuffer();
    } catch {
      if (item.state === 'held') this.set(item, 'failed', say('jsCannotRead'));
    }
  }

  private onNetwork(isDown: boolean): void {
    for (const item of this.line.slice(0, MOST_IN_FORM)) if (item.state === 'held') this.onChange(item);
    if (!isDown) this.pump();
  }

  /** The transfer of an item is over, for now or for good. */
  private end(item: UploadItem, state: ItemState, note = ''): void {
    this.set(item, state, note);
    this.release(item);
    this.pump();
  }

  private set(item: UploadItem, state: ItemState, note = ''): void {
    item.state = state;
    item.note = note;
    if (state === 'asking') this.asked.add(item);
    else this.asked.delete(item);
    // One that has waited before is not sent to the end of the line.
    if ((state === 'waiting' || state === 'held') && !this.line.includes(item)) this.line.unshift(item);
    this.onChange(item);
  }

  /** A transfer goes when none of its items is on its way any more. */
  private release(item: UploadItem): void {
    for (const transfer of this.transfers) {
      if (!transfer.items.includes(item) || transfer.items.some((one) => one.state === 'sending')) continue;
      transfer.stop();
      this.transfers.delete(transfer);
    }
  }
}
