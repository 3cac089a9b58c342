import { fingerprintOf } from './upload-item.js';

/** A part of a file that is on the server, as the server tells. */
export interface Unfinished {
  id: string;
  name: string;
  path: string;
  size: number;
  received: number;
  modifiedMs: number | null;
  isActive: boolean;
}

/** Where uploads of this page go. */
export class UploadSite {
  constructor(
    /** Of the project: `/projects/<id>`, below whatever path the site lives. */
    private readonly project: string,
    private readonly form: HTMLFormElement,
  ) {}

  get endpoint(): string {
    return `${this.project}/uploads`;
  }

  get formAddress(): string {
    return `${this.project}/files`;
  }

  get fingerprintScope(): string {
    return this.project;
  }

  /** Address of the folder that is open: it changes without the page being left. */
  get folder(): string {
    return new URLSearchParams(location.search).get('path') ?? '';
  }

  get isInResults(): boolean {
    return this.folder === 'runs' || this.folder.startsWith('runs/');
  }

  get mostBytes(): number {
    return Number(this.form.dataset['mostBytes']);
  }

  get token(): string {
    return this.form.querySelector<HTMLInputElement>('input[name="_csrf"]')!.value;
  }

  get headers(): Record<string, string> {
    return { 'X-CSRF-Token': this.token, Accept: 'application/json' };
  }

  /** Addresses of uploads that wait for their rest, by the fingerprint of their file. Without an answer there are none. */
  async unfinished(): Promise<Map<string, string>> {
    try {
      const answer = await fetch(this.endpoint, { headers: this.headers, cache: 'no-store' });
      if (!answer.ok) return new Map();
      const { uploads } = (await answer.json()) as { uploads: Unfinished[] };
      return new Map(uploads.map((one) => [fingerprintOf(this.project, one.path, one.size, one.modifiedMs), this.addressOf(one.id)]));
    } catch {
      return new Map();
    }
  }

  addressOf(id: string): string {
    return `${this.endpoint}/${id}`;
  }

  /** Gives an upload up. It is gone in any case after a while, whatever the answer. */
  async discard(address: string): Promise<void> {
    const headers = { ...this.headers, 'Tus-Resumable': '1.0.0' };
    await fetch(address, { method: 'DELETE', headers, keepalive: true }).catch(() => undefined);
  }

  /** @returns what the server objects to; undefined when all is well. */
  async makeFolders(folder: string, paths: readonly string[]): Promise<string | undefined> {
    const body = new URLSearchParams([['folder', folder], ...paths.map((path): [string, string] => ['path', path])]);
    try {
      const answer = await fetch(`${this.endpoint}/folders`, { method: 'POST', headers: this.headers, body });
      if (answer.ok) return undefined;
      return ((await answer.json()) as { error?: { message?: string } }).error?.message ?? '';
    } catch {
      return '';
    }
  }
}
