import { formatBytes } from '../amounts.js';
import { Speed } from './speed.js';
import type { UploadItem } from './upload-item.js';
import { say, span } from './words.js';

/** What the buttons of a row ask for. */
export type Act = 'pause' | 'resume' | 'retry' | 'cancel';

const DRAW_EVERY_MS = 200;

/** Buttons by the state of their file. */
const ACTS: Record<UploadItem['state'], readonly Act[]> = {
  waiting: ['pause', 'cancel'],
  sending: ['pause', 'cancel'],
  held: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  asking: ['cancel'],
  failed: ['retry', 'cancel'],
  done: ['cancel'],
  skipped: ['cancel'],
  cancelled: ['cancel'],
};

/** The line of one file, made from the template of the page. */
export class UploadRow {
  readonly element: HTMLElement;
  private readonly meter: HTMLProgressElement;
  private readonly said: HTMLElement;
  private readonly buttons: HTMLButtonElement[];
  private readonly speed = new Speed();
  private drawnMs = 0;
  private drawn: UploadItem['state'] | undefined;

  constructor(
    private readonly item: UploadItem,
    private readonly isOffline: () => boolean,
    onAct: (act: Act) => void,
  ) {
    const template = document.getElementById('upload-row') as HTMLTemplateElement;
    this.element = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
    this.meter = this.element.querySelector('progress')!;
    this.said = this.element.querySelector('[data-said]')!;
    this.buttons = [...this.element.querySelectorAll<HTMLButtonElement>('[data-act]')];
    const name = this.element.querySelector<HTMLElement>('[data-name]')!;
    name.textContent = item.path;
    name.title = item.path;
    this.meter.setAttribute('aria-label', item.path);
    for (const button of this.buttons) button.addEventListener('click', () => onAct(button.dataset['act'] as Act));
    this.draw();
  }

  draw(): void {
    const { item } = this;
    if (item.state === 'sending') this.speed.note(item.sent);
    else this.speed.forget();
    const now = performance.now();
    if (item.state === this.drawn && item.state === 'sending' && now - this.drawnMs < DRAW_EVERY_MS) return;
    this.drawnMs = now;
    if (item.state !== this.drawn) this.drawState();
    this.meter.max = Math.max(1, item.size);
    this.meter.value = item.state === 'done' ? this.meter.max : item.sent;
    this.said.textContent = this.words();
  }

  private drawState(): void {
    const { state, path } = this.item;
    this.drawn = state;
    this.element.dataset['state'] = state;
    this.meter.hidden = state === 'failed' || state === 'skipped' || state === 'asking';
    this.meter.classList.toggle('meter-ok', state === 'done');
    this.meter.classList.toggle('meter-idle', state === 'paused' || state === 'held' || state === 'waiting');
    this.said.classList.toggle('error-text', state === 'failed');
    this.said.classList.toggle('meta', state !== 'failed');
    const isOver = this.item.isOver;
    const words: Record<Act, string> = {
      pause: 'jsPause',
      resume: 'jsResume',
      retry: 'jsRetry',
      cancel: isOver ? 'jsDismiss' : 'jsCancel',
    };
    const focused = this.buttons.find((button) => button === document.activeElement);
    for (const button of this.buttons) {
      const act = button.dataset['act'] as Act;
      button.hidden = !ACTS[state].includes(act) || (act === 'retry' && this.item.isHopeless);
      button.setAttribute('aria-label', say(words[act], { name: path }));
      button.title = say(words[act], { name: path });
    }
    // A button that goes away under the finger of somebody hands the focus on.
    if (focused?.hidden) this.buttons.find((button) => !button.hidden)?.focus();
  }

  private words(): string {
    const { state, note, sent, size } = this.item;
    if (note !== '') return note;
    if (state === 'sending') return sent >= size && size > 0 ? say('jsChecking') : this.progress();
    if (state === 'held') return this.with(say(this.isOffline() ? 'jsOffline' : 'jsNoAnswer'));
    if (state === 'paused') return this.with(say('jsPaused'));
    const plain = {
      waiting: 'jsWaiting',
      asking: 'jsAsking',
      done: 'jsDone',
      skipped: 'jsSkipped',
      cancelled: 'jsCancelled',
      failed: 'jsRefused',
    };
    return `${formatBytes(size)} · ${say(plain[state])}`;
  }

  private with(words: string): string {
    const { sent, size } = this.item;
    return `${sent > 0 ? say('jsProgress', { sent: formatBytes(sent), size: formatBytes(size) }) : formatBytes(size)} · ${words}`;
  }

  private progress(): string {
    const { sent, size } = this.item;
    return amountsInWords(sent, size, this.speed.perSecond);
  }
}

/** "1.2 GB of 4 GB · 85 MB/s · 34 s left". */
export function amountsInWords(sent: number, size: number, perSecond: number | undefined): string {
  const parts = [say('jsProgress', { sent: formatBytes(sent), size: formatBytes(size) })];
  if (perSecond !== undefined) {
    parts.push(say('jsSpeed', { speed: formatBytes(perSecond) }), say('jsLeft', { time: span((size - sent) / perSecond) }));
  }
  return parts.join(' · ');
}
