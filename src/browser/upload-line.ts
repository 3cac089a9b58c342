import { formatBytes } from './amounts.js';

const SPEED_OVER_MS = 3000;

/** The line of one file in the list of uploads, made from the template of the page. */
export class UploadLine {
  readonly element: HTMLElement;
  private readonly meter: HTMLProgressElement;
  private readonly said: HTMLElement;
  private readonly button: HTMLButtonElement;
  /** What had gone out when, for the speed of the last seconds. */
  private marks: { atMs: number; sent: number }[] = [];

  constructor(
    name: string,
    private readonly size: number,
    private readonly words: Record<string, string>,
    private readonly time: (seconds: number) => string,
  ) {
    const template = document.getElementById('upload-row') as HTMLTemplateElement;
    this.element = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
    this.meter = this.element.querySelector('progress')!;
    this.said = this.element.querySelector('[data-said]')!;
    this.button = this.element.querySelector('[data-cancel]')!;
    const shown = this.element.querySelector<HTMLElement>('[data-name]')!;
    shown.textContent = name;
    shown.title = name;
    this.meter.setAttribute('aria-label', name);
    this.button.setAttribute('aria-label', (words['jsCancel'] ?? '').replace('{name}', name));
    this.said.textContent = `${formatBytes(size)} · ${words['jsWaiting']}`;
  }

  onCancel(cancel: () => void): void {
    this.button.addEventListener('click', cancel, { once: true });
  }

  begin(): void {
    this.marks = [{ atMs: performance.now(), sent: 0 }];
  }

  /** @param sent bytes that have gone out. */
  show(sent: number): void {
    const atMs = performance.now();
    this.marks.push({ atMs, sent });
    while (this.marks.length > 2 && atMs - this.marks[0].atMs > SPEED_OVER_MS) this.marks.shift();
    this.meter.max = Math.max(1, this.size);
    this.meter.value = sent;
    this.said.textContent = sent >= this.size ? (this.words['jsChecking'] ?? '') : this.progress(sent);
  }

  finish(kind: 'ok' | 'bad' | 'idle', sentence: string): void {
    this.meter.max = 1;
    this.meter.value = kind === 'ok' ? 1 : 0;
    this.meter.classList.toggle('meter-ok', kind === 'ok');
    this.meter.hidden = kind !== 'ok';
    this.said.textContent = kind === 'ok' ? `${formatBytes(this.size)} · ${sentence}` : sentence;
    this.said.classList.toggle('error-text', kind === 'bad');
    this.button.remove();
  }

  private progress(sent: number): string {
    const parts = [(this.words['jsProgress'] ?? '').replace('{sent}', formatBytes(sent)).replace('{size}', formatBytes(this.size))];
    const [first, last] = [this.marks[0], this.marks.at(-1)!];
    const speed = ((last.sent - first.sent) / (last.atMs - first.atMs)) * 1000;
    if (Number.isFinite(speed) && speed > 0 && last.atMs - first.atMs > 300) {
      parts.push((this.words['jsSpeed'] ?? '').replace('{speed}', formatBytes(speed)));
      parts.push((this.words['jsLeft'] ?? '').replace('{time}', this.time((this.size - sent) / speed)));
    }
    return parts.join(' · ');
  }
}
