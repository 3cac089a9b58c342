/**
 * `form[data-upload]`: files and folders that are chosen, or dropped on the panel around the form, go to the project, several at once, each
 * with its line: progress, speed, time left, and buttons that stop it for a while or for good. When files have arrived the list of files is
 * fetched anew. Without scripts the form sends them by itself.
 */
import { formatBytes } from '../amounts.js';
import { refreshTopic } from '../live.js';
import { filesOfList, readDrop, type Dropped, type FileToSend } from './dropped-files.js';
import { UnfinishedList, type FileAgain } from './unfinished-list.js';
import { UploadItem, type Batch } from './upload-item.js';
import { UploadList } from './upload-list.js';
import { UploadQuestion } from './upload-question.js';
import { UploadQueue } from './upload-queue.js';
import type { Act } from './upload-row.js';
import { UploadSite } from './upload-site.js';
import { UploadSummary, type TotalAct } from './upload-summary.js';
import { UploadTotals } from './upload-totals.js';
import { listenToDrops } from './drop-zone.js';
import { say } from './words.js';

const PANEL = '[data-upload-panel]';
/** While many arrive, the list of files is not fetched for each. */
const REFRESH_EVERY_MS = 3000;

export function startUploads(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-upload]');
  const panel = form?.closest<HTMLElement>(PANEL);
  if (form && panel) new UploadPanel(new UploadSite(form.dataset['upload'] ?? '', form), form, panel).start();
}

class UploadPanel {
  private readonly totals = new UploadTotals();
  private readonly queue: UploadQueue;
  private readonly list: UploadList;
  private readonly summary: UploadSummary;
  private readonly question: UploadQuestion;
  private readonly unfinished: UnfinishedList;
  private readonly region = document.getElementById('uploads')!;
  private refreshing: number | undefined;
  private wasOpen = false;
  private wasHeld = false;

  constructor(
    private readonly site: UploadSite,
    private readonly form: HTMLFormElement,
    private readonly panel: HTMLElement,
  ) {
    this.queue = new UploadQueue(
      site,
      (item) => this.changed(item),
      () => this.refreshSoon(),
    );
    this.list = new UploadList(
      this.totals,
      () => !navigator.onLine,
      (item, act) => this.act(item, act),
    );
    this.summary = new UploadSummary(this.totals, (act) => this.actOnAll(act));
    this.question = new UploadQuestion(this.queue, announce);
    this.unfinished = new UnfinishedList(
      (id) => site.addressOf(id),
      (again) => this.goOn(again),
      announce,
    );
  }

  start(): void {
    const inputs = {
      files: this.form.querySelector<HTMLInputElement>('input[type="file"]')!,
      folder: document.getElementById('upload-folder') as HTMLInputElement,
    };
    for (const input of Object.values(inputs)) {
      input.addEventListener('change', () => {
        const files = filesOfList(input.files!);
        input.value = '';
        void this.add({ files, emptyFolders: [] });
      });
    }
    for (const button of this.form.querySelectorAll<HTMLElement>('[data-choose]')) {
      button.addEventListener('click', () => inputs[button.dataset['choose'] as keyof typeof inputs].click());
    }
    // A form that lacks files leads here.
    if (location.hash === '#upload-area') this.form.querySelector<HTMLElement>('[data-choose]')?.focus();
    listenToDrops(this.form, this.panel, (transfer) => void this.takeDrop(transfer));
    // Folders are gone into without the page being left; among the results of runs there is nothing to be put.
    document.addEventListener('live:merged', () => (this.form.hidden = this.site.isInResults));
    window.addEventListener('beforeunload', (event) => {
      if (this.totals.open > 0) event.preventDefault();
    });
    for (const name of ['online', 'offline']) window.addEventListener(name, () => this.list.redraw());
  }

  private async takeDrop(transfer: DataTransfer): Promise<void> {
    if (this.form.hidden) return announce(say('jsNotToResults'));
    await this.add(await readDrop(transfer));
  }

  private async add({ files, emptyFolders }: Dropped): Promise<void> {
    const { folder } = this.site;
    const batch: Batch = {};
    const items = files.map(({ file, path }: FileToSend) => new UploadItem(file, path, folder, batch));
    const known = items.length > 0 ? await this.site.unfinished() : new Map<string, string>();
    for (const item of items) item.address = known.get(item.fingerprint(this.site.fingerprintScope));
    this.take(items);
    if (emptyFolders.length > 0) await this.makeFolders(folder, emptyFolders);
  }

  private goOn({ file, address, path }: FileAgain): void {
    const names = path.split('/');
    const item = new UploadItem(file, names.pop() ?? file.name, names.join('/'), {});
    item.address = address;
    this.take([item]);
  }

  private take(items: readonly UploadItem[]): void {
    if (this.totals.open === 0) this.drop([...this.totals.items()].filter((item) => item.isOver && item.state !== 'failed'));
    const most = this.site.mostBytes;
    for (const item of items) {
      if (item.size > most)
        Object.assign(item, { state: 'failed', isHopeless: true, note: say('jsTooLarge', { size: formatBytes(most) }) });
      this.totals.update(item);
    }
    for (const item of items) this.changed(item);
    this.summary.drawNow();
    this.queue.add(items.filter((item) => !item.isOver));
  }

  private async makeFolders(folder: string, paths: readonly string[]): Promise<void> {
    const objection = await this.site.makeFolders(folder, paths);
    announce(objection === undefined ? say('jsFolderMade', { count: paths.length }) : objection || say('jsFoldersFailed'));
    if (objection === undefined) refreshTopic('files');
  }

  private changed(item: UploadItem): void {
    this.totals.update(item);
    this.list.show(item);
    this.summary.draw();
    this.question.draw();
    if (item.address !== undefined && !item.isOver) this.unfinished.leaveOut(item.address);
    if (item.state === 'done') this.refreshSoon();
    this.region.hidden = this.totals.count === 0;
    this.tellOfNetwork();
    this.tellOfEnd();
  }

  private act(item: UploadItem, act: Act): void {
    if (act === 'pause') this.queue.pause(item);
    else if (act !== 'cancel') this.queue.resume(item);
    else if (item.isOver) this.drop([item]);
    else this.queue.cancel(item);
  }

  private actOnAll(act: TotalAct): void {
    const items = [...this.totals.items()];
    if (act === 'pause') this.queue.pauseAll(items);
    else if (act === 'resume') this.queue.resumeAll(items);
    else if (act === 'cancel') this.queue.cancelAll(items);
    else this.dismiss();
    this.summary.drawNow();
  }

  /** Forgets what is over. */
  private dismiss(): void {
    this.drop([...this.totals.items()].filter((item) => item.isOver));
  }

  private drop(items: readonly UploadItem[]): void {
    for (const item of items) this.list.remove(item);
    this.totals.forget(items);
    this.summary.drawNow();
    this.region.hidden = this.totals.count === 0;
  }

  private refreshSoon(): void {
    this.refreshing ??= window.setTimeout(() => {
      this.refreshing = undefined;
      refreshTopic('files');
    }, REFRESH_EVERY_MS);
  }

  private tellOfNetwork(): void {
    const isHeld = this.queue.network.isDown && this.totals.of('held') > 0;
    if (isHeld !== this.wasHeld && (isHeld || this.totals.open > 0)) announce(say(isHeld ? 'jsSayOffline' : 'jsSayOnline'));
    this.wasHeld = isHeld;
  }

  private tellOfEnd(): void {
    const isOpen = this.totals.open > 0;
    if (this.wasOpen && !isOpen) {
      const said = [];
      const { totals } = this;
      if (totals.of('done') > 0) said.push(say('jsAllDone', { count: totals.of('done') }));
      if (totals.of('skipped') > 0) said.push(say('jsSomeSkipped', { count: totals.of('skipped') }));
      if (totals.of('failed') > 0) said.push(say('jsSomeRefused', { count: totals.of('failed') }));
      if (totals.of('cancelled') > 0) said.push(say('jsSomeCancelled', { count: totals.of('cancelled') }));
      announce(said.join(', '));
      window.clearTimeout(this.refreshing);
      this.refreshing = undefined;
      refreshTopic('files');
      document.addEventListener('live:merged', () => this.tidyUp(), { once: true });
    }
    this.wasOpen = isOpen;
  }

  /** What simply arrived is in the list below by now; names that changed, refusals and what was cancelled stay to be read, with the figures of all. */
  private tidyUp(): void {
    const items = [...this.totals.items()];
    const plain = items.filter((item) => item.state === 'done' && item.note === '');
    if (plain.length === items.length) this.drop(plain);
    else for (const item of plain) this.list.remove(item);
  }
}

function announce(sentence: string): void {
  const status = document.getElementById('live-status');
  if (status && sentence !== '') status.textContent = sentence;
}
