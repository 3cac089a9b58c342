/**
 * `form[data-upload]`: files that are chosen, or dropped on the panel around the form, go out one after the other, each with its own
 * line: progress, speed, time left, and a button that stops it. When all have gone the list of files is fetched anew.
 */
import { formatBytes } from './amounts.js';
import { filesOfDrop, filesOfList, type FileToSend } from './dropped-files.js';
import { refreshList } from './file-list.js';
import { send, type Outcome, type Sending } from './sending.js';
import { duration, type TimeWords } from './time-words.js';
import { refreshTimes } from './times.js';
import { UploadLine } from './upload-line.js';

const PANEL = '[data-upload-panel]';

interface Waiting {
  toSend: FileToSend;
  line: UploadLine;
  cancelled: boolean;
}

export function startUploads(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-upload]');
  const panel = form?.closest<HTMLElement>(PANEL);
  const words = readJson<Record<string, string>>('upload-words');
  const times = readJson<TimeWords>('time-words');
  if (form && panel && words && times) new Uploads(form, panel, words, times).start();
}

class Uploads {
  private readonly waiting: Waiting[] = [];
  private running: { sending: Sending; of: Waiting } | undefined;
  private stored = 0;
  private refused = 0;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly panel: HTMLElement,
    private readonly words: Record<string, string>,
    private readonly times: TimeWords,
  ) {}

  start(): void {
    const input = this.form.querySelector<HTMLInputElement>('input[type="file"]')!;
    this.form.addEventListener('submit', (event) => {
      if (!input.files?.length) return;
      event.preventDefault();
      this.add(filesOfList(input.files));
      input.value = '';
    });
    this.listenToDrops();
    window.addEventListener('beforeunload', (event) => {
      if (this.running) event.preventDefault();
    });
  }

  private listenToDrops(): void {
    let depth = 0;
    const mark = (change: number) => {
      depth = Math.max(0, depth + change);
      this.form.classList.toggle('over', depth > 0);
    };
    this.panel.addEventListener('dragenter', (event) => hasFiles(event) && mark(1));
    this.panel.addEventListener('dragleave', (event) => hasFiles(event) && mark(-1));
    this.panel.addEventListener('drop', (event) => {
      if (!hasFiles(event)) return;
      mark(-depth);
      void filesOfDrop(event.dataTransfer!).then((files) => this.add(files));
    });
    // A file that is dropped beside the panel would replace the page.
    for (const name of ['dragover', 'drop'] as const) {
      window.addEventListener(name, (event) => hasFiles(event) && event.preventDefault());
    }
  }

  private add(files: readonly FileToSend[]): void {
    const list = document.getElementById('uploads')!;
    const most = Number(this.form.dataset['mostBytes']);
    for (const toSend of files) {
      const line = new UploadLine(toSend.path, toSend.file.size, this.words, (seconds) => duration(seconds, this.times));
      list.append(line.element);
      list.hidden = false;
      if (toSend.file.size > most) {
        this.refused += 1;
        line.finish('bad', fill(this.words['jsTooLarge'], { size: formatBytes(most) }));
        continue;
      }
      const waiting: Waiting = { toSend, line, cancelled: false };
      line.onCancel(() => this.cancel(waiting));
      this.waiting.push(waiting);
    }
    if (!this.running) void this.next();
  }

  private cancel(waiting: Waiting): void {
    waiting.cancelled = true;
    if (this.running?.of === waiting) this.running.sending.cancel();
    else waiting.line.finish('idle', this.words['jsCancelled'] ?? '');
  }

  private async next(): Promise<void> {
    const waiting = this.waiting.shift();
    if (!waiting) return this.afterAll();
    if (!waiting.cancelled) {
      const token = this.form.querySelector<HTMLInputElement>('input[name="_csrf"]')!.value;
      waiting.line.begin();
      const sending = send(this.form.action, token, waiting.toSend, (sent) => waiting.line.show(sent));
      this.running = { sending, of: waiting };
      this.tell(waiting, await sending.done);
      this.running = undefined;
    }
    await this.next();
  }

  private tell({ toSend, line }: Waiting, outcome: Outcome): void {
    if (outcome.kind === 'cancelled') return line.finish('idle', this.words['jsCancelled'] ?? '');
    if (outcome.kind === 'stored') {
      this.stored += 1;
      const asked = toSend.path.split('/').at(-1)?.normalize('NFC');
      const isRenamed = asked !== outcome.name;
      const said = isRenamed ? fill(this.words['jsRenamed'], { name: outcome.name }) : (this.words['jsDone'] ?? '');
      line.element.toggleAttribute('data-arrived', !isRenamed);
      return line.finish('ok', said);
    }
    this.refused += 1;
    line.finish('bad', outcome.kind === 'refused' ? outcome.message : (this.words['jsBroken'] ?? ''));
  }

  private async afterAll(): Promise<void> {
    const said = [];
    if (this.stored > 0) said.push(fill(this.words['jsAllDone'], { count: this.stored }));
    if (this.refused > 0) said.push(fill(this.words['jsSomeRefused'], { count: this.refused }));
    const status = document.getElementById('live-status');
    if (status) status.textContent = said.join(', ');
    if (this.stored > 0) {
      await refreshFiles();
      // What simply arrived is in the list below now; names that changed and refusals stay to be read.
      for (const line of document.querySelectorAll('#uploads [data-arrived]')) line.remove();
    }
    const list = document.getElementById('uploads')!;
    list.hidden = list.childElementCount === 0;
    this.stored = 0;
    this.refused = 0;
  }
}

/** Takes what changed from a fresh copy of this page; the lines of the uploads stay. */
async function refreshFiles(): Promise<void> {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ['files-listing', 'project-amount', 'project-pipelines']) {
    const [old, made] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && made) old.replaceWith(document.adoptNode(made));
  }
  refreshList();
  refreshTimes();
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

function readJson<Value>(id: string): Value | null {
  const source = document.getElementById(id)?.textContent;
  return source ? (JSON.parse(source) as Value) : null;
}

function fill(sentence: string | undefined, values: Record<string, string | number>): string {
  return (sentence ?? '').replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
