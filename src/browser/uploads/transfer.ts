import type { UploadItem } from './upload-item.js';

/** What the server said when it did not take a file. */
export interface Refusal {
  status: number;
  /** Of the sentence; undefined when the answer was not ours. */
  key: string | undefined;
  message: string;
  values: Record<string, unknown>;
}

/** What a transfer tells while it goes on. Nothing comes after it was stopped. */
export interface TransferHooks {
  progress(item: UploadItem, sent: number): void;
  /** @param name under which it lies now. */
  stored(item: UploadItem, name: string): void;
  skipped(item: UploadItem): void;
  refused(item: UploadItem, refusal: Refusal): void;
  /** The connection ended without an answer, or the server is away for a moment. */
  broken(item: UploadItem): void;
}

/** One or more files that travel in requests of their own. */
export interface Transfer {
  readonly items: readonly UploadItem[];
  /** Ends it; what has arrived stays where it can be gone on with. */
  stop(): void;
}

interface ErrorAnswer {
  error?: { key?: string; message?: string; values?: Record<string, unknown> };
}

/** Reads an answer of the server that is no success. */
export function refusalOf(status: number, body: string): Refusal {
  const error = parse<ErrorAnswer>(body)?.error;
  return { status, key: error?.key, message: error?.message ?? '', values: error?.values ?? {} };
}

/** Whether the server, or a proxy before it, is away, so that the same request may succeed later. A full disk stays full. */
export function isPassing(status: number, body: string): boolean {
  if (status === 0 || status === 408 || status === 429) return true;
  return status >= 500 && refusalOf(status, body).key !== 'files.diskFull';
}

export function parse<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** Of a path, as the server stores it. */
export function lastName(path: string): string {
  return (path.split('/').at(-1) ?? '').normalize('NFC');
}
