import type { DetailedError, HttpResponse, Upload as TusUpload, UploadOptions } from 'tus-js-client';
import { lastName, isPassing, refusalOf, type Transfer, type TransferHooks } from './transfer.js';
import type { UploadItem } from './upload-item.js';
import type { UploadSite } from './upload-site.js';
import { Watchdog } from './watchdog.js';

/** What one request carries at most: proxies and time-outs count by requests. */
const CHUNK_BYTES = 32 * 1024 * 1024;
/** Up to here the content goes out with the announcement. A larger one would be on its way in vain when the name is taken. */
const WITH_CREATION_BYTES = 1024 * 1024;

type Tus = typeof import('../tus.js');

let tus: Promise<Tus> | undefined;

/** The library is fetched when the first file needs it. */
export function loadTus(): Promise<Tus> {
  tus ??= import('../tus.js').catch((error: unknown) => {
    tus = undefined;
    throw error;
  });
  return tus;
}

/** Sends one file by the tus protocol; goes on where an earlier try ended, if the item has an address. */
export class TusTransfer implements Transfer {
  readonly items: readonly UploadItem[];
  private upload: TusUpload | undefined;
  private readonly watchdog = new Watchdog(() => {
    this.stop();
    this.hooks.broken(this.item);
  });
  private isStopped = false;

  constructor(
    private readonly item: UploadItem,
    private readonly site: UploadSite,
    private readonly hooks: TransferHooks,
  ) {
    this.items = [item];
    void this.start();
  }

  stop(): void {
    this.isStopped = true;
    this.watchdog.end();
    void this.upload?.abort();
  }

  private async start(): Promise<void> {
    try {
      const { Upload } = await loadTus();
      if (this.isStopped) return;
      this.upload = new Upload(this.item.file, this.options());
      this.upload.start();
    } catch {
      if (!this.isStopped) this.hooks.broken(this.item);
    }
  }

  private options(): UploadOptions {
    const { item, site } = this;
    return {
      // With an address tus must not fall back to a new upload, which it would do after any refusal.
      ...(item.address === undefined ? { endpoint: site.endpoint } : { uploadUrl: item.address }),
      chunkSize: CHUNK_BYTES,
      uploadDataDuringCreation: item.size <= WITH_CREATION_BYTES,
      headers: site.headers,
      metadata: this.metadata(),
      // The table of the server knows what is unfinished, for all tabs and browsers; and trying again is the queue's decision.
      storeFingerprintForResuming: false,
      retryDelays: null,
      onUploadUrlAvailable: () => this.remember(),
      onProgress: (sent) => this.tell(() => this.hooks.progress(item, sent)),
      onChunkComplete: () => this.watchdog.calm(),
      onSuccess: ({ lastResponse }) => this.tell(() => this.finish(lastResponse)),
      onError: (error) => this.tell(() => this.fail(error)),
    };
  }

  private metadata(): Record<string, string> {
    const { file, path, folder, key, choice, batch } = this.item;
    return {
      filename: file.name,
      relativePath: path,
      folder,
      key,
      modified: String(file.lastModified),
      onConflict: choice ?? batch.choice ?? 'ask',
    };
  }

  private tell(work: () => void): void {
    if (this.isStopped) return;
    this.watchdog.calm();
    work();
  }

  private remember(): void {
    if (!this.upload?.url) return;
    this.item.address = this.upload.url;
    this.upload.options.endpoint = null;
  }

  private finish(response: HttpResponse): void {
    this.watchdog.end();
    const storedAs = decodeURIComponent(response.getHeader('Upload-Stored-As') ?? '');
    if (response.getHeader('Upload-Outcome') === 'skipped') this.hooks.skipped(this.item);
    else this.hooks.stored(this.item, lastName(storedAs || this.item.path));
  }

  private fail(error: Error | DetailedError): void {
    this.watchdog.end();
    const response = 'originalResponse' in error ? error.originalResponse : null;
    const status = response?.getStatus() ?? 0;
    const body = response?.getBody() ?? '';
    if (isPassing(status, body)) this.hooks.broken(this.item);
    else this.hooks.refused(this.item, refusalOf(status, body));
  }
}
