import { isPassing, lastName, parse, refusalOf, type Refusal, type Transfer, type TransferHooks } from './transfer.js';
import type { UploadItem } from './upload-item.js';
import type { UploadSite } from './upload-site.js';
import { Watchdog } from './watchdog.js';

interface Answer {
  stored?: { asked: string; name: string }[];
  skipped?: string[];
  refused?: { asked: string; key?: string; message: string; values?: Record<string, unknown> }[];
}

/** Up to here a file is not worth being gone on with. */
const TINY_BYTES = 256 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;
export const MOST_IN_FORM = 50;

/** Whether a file travels with others in one form: a request of its own would cost more than the file. */
export function travelsInForm({ size, address, choice, batch }: UploadItem): boolean {
  // Whether a copy under a number was stored cannot be told when the answer is lost: those are sent so that it can.
  return size <= TINY_BYTES && address === undefined && (choice ?? batch.choice) !== 'keepBoth';
}

/** As many of the first of these items as go into one form with the very first. */
export function formful(items: readonly UploadItem[]): UploadItem[] {
  const [first] = items;
  const some: UploadItem[] = [];
  const paths = new Set<string>();
  let bytes = 0;
  for (const item of items) {
    bytes += item.size;
    if (some.length === MOST_IN_FORM || bytes > MOST_BYTES || paths.has(item.path)) break;
    if (!travelsInForm(item) || item.folder !== first.folder || choiceOf(item) !== choiceOf(first)) break;
    paths.add(item.path);
    some.push(item);
  }
  return some;
}

/** After a lost answer the server is asked first whether the very same file is there already. */
function choiceOf({ choice, batch, isRepeated }: UploadItem): string {
  return isRepeated ? 'ask' : (choice ?? batch.choice ?? 'ask');
}

/** Sends small files in one form. XMLHttpRequest, because `fetch` does not tell how much has gone out. */
export class FormTransfer implements Transfer {
  private readonly request = new XMLHttpRequest();
  private readonly watchdog = new Watchdog(() => {
    this.request.abort();
    this.break();
  });
  private isStopped = false;

  constructor(
    readonly items: readonly UploadItem[],
    site: UploadSite,
    private readonly hooks: TransferHooks,
  ) {
    const body = new FormData();
    // The token goes first: the server checks it before it keeps a byte.
    body.append('_csrf', site.token);
    body.append('onConflict', choiceOf(items[0]));
    for (const { file, path } of items) body.append('files', file, path);
    this.request.upload.addEventListener('progress', (event) => this.progress(event.loaded));
    this.request.addEventListener('load', () => this.read());
    for (const name of ['error', 'timeout'] as const) this.request.addEventListener(name, () => this.break());
    this.request.open('POST', `${site.formAddress}?${new URLSearchParams({ path: items[0].folder }).toString()}`);
    this.request.setRequestHeader('Accept', 'application/json');
    this.request.send(body);
  }

  stop(): void {
    this.isStopped = true;
    this.watchdog.end();
    this.request.abort();
  }

  /** What has left is shared out in the order in which the files leave. */
  private progress(loaded: number): void {
    this.watchdog.calm();
    let left = loaded;
    for (const item of this.items) {
      const sent = Math.min(item.size, Math.max(0, left));
      left -= item.size;
      if (!this.isStopped && sent !== item.sent) this.hooks.progress(item, sent);
    }
  }

  private read(): void {
    this.watchdog.end();
    if (this.isStopped) return;
    const { status, responseText } = this.request;
    const answer = parse<Answer>(responseText);
    if (!answer?.stored && !answer?.refused) {
      if (isPassing(status, responseText)) return this.break();
      for (const item of this.items) this.hooks.refused(item, refusalOf(status, responseText));
      return;
    }
    const stored = new Map(answer.stored?.map(({ asked, name }) => [asked, name]));
    const refused = new Map(answer.refused?.map((one): [string, Refusal] => [one.asked, refusalFrom(status, one)]));
    const skipped = new Set(answer.skipped);
    for (const item of this.items) {
      if (stored.has(item.path)) this.hooks.stored(item, lastName(stored.get(item.path)!));
      else if (skipped.has(item.path)) this.hooks.skipped(item);
      else this.hooks.refused(item, refused.get(item.path) ?? refusalOf(status, ''));
    }
  }

  private break(): void {
    this.watchdog.end();
    if (this.isStopped) return;
    for (const item of this.items) this.hooks.broken(item);
  }
}

function refusalFrom(
  status: number,
  { key, message, values }: { key?: string; message: string; values?: Record<string, unknown> },
): Refusal {
  return { status, key, message, values: values ?? {} };
}
