/**
 * `[data-unfinished]`: files of which a part is on the server, from a tab that was closed or from another browser. Choosing the same file
 * again, or dropping it, goes on; those that this page sends are left to its own lines.
 */
import { formatBytes } from '../amounts.js';
import { refreshTopic } from '../live.js';
import { say } from './words.js';

/** How often a page looks again for what somebody else sends just now: it may be the connection that this tab has just left. */
const LOOK_EVERY_MS = 4000;

/** A file that was chosen for an unfinished upload. */
export interface FileAgain {
  file: File;
  /** Address of the upload. */
  address: string;
  /** Address of where the file is meant in the project. */
  path: string;
}

export class UnfinishedList {
  private readonly input = document.getElementById('upload-again') as HTMLInputElement;
  private wanted: HTMLElement | undefined;
  private timer: number | undefined;
  private readonly own = new Set<string>();

  constructor(
    private readonly addressOf: (id: string) => string,
    private readonly onFile: (again: FileAgain) => void,
    private readonly announce: (sentence: string) => void,
  ) {
    document.addEventListener('click', (event) => {
      const button = (event.target as Element).closest<HTMLElement>('[data-go-on]');
      if (!button) return;
      this.wanted = button.closest<HTMLElement>('[data-unfinished]') ?? undefined;
      this.input.value = '';
      this.input.click();
    });
    this.input.addEventListener('change', () => this.take());
    document.addEventListener('live:merged', () => this.draw());
    this.draw();
  }

  /** This page sends the upload of this address itself. */
  leaveOut(address: string): void {
    const id = address.split('/').at(-1) ?? '';
    if (this.own.has(id)) return;
    this.own.add(id);
    this.draw();
  }

  private draw(): void {
    const lines = [...document.querySelectorAll<HTMLElement>('[data-unfinished]')];
    for (const line of lines) line.hidden = this.own.has(line.dataset['unfinished'] ?? '');
    const section = document.querySelector<HTMLElement>('#unfinished-uploads > section');
    if (section) section.hidden = lines.every((line) => line.hidden);
    if (lines.some((line) => !line.hidden && line.dataset['active'])) this.lookAgain();
  }

  private lookAgain(): void {
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      refreshTopic('files');
    }, LOOK_EVERY_MS);
  }

  private take(): void {
    const file = this.input.files?.[0];
    const line = this.wanted;
    if (!file || !line) return;
    const { unfinished = '', path = '', name = '', size, modified } = line.dataset;
    const isSame = file.size === Number(size) && (modified === undefined || Math.abs(file.lastModified - Number(modified)) < 2000);
    if (isSame) return this.onFile({ file, address: this.addressOf(unfinished), path });
    const sentence = say('jsNotSameFile', { name, size: formatBytes(Number(size)) });
    const said = line.querySelector('.meta, .error-text');
    if (said) Object.assign(said, { textContent: sentence, className: 'error-text' });
    this.announce(sentence);
  }
}
