import { formatBytes } from '../amounts.js';
import { Speed } from './speed.js';
import { amountsInWords } from './upload-row.js';
import type { UploadTotals } from './upload-totals.js';
import { numberOf, say } from './words.js';

/** What the buttons of the summary ask for. */
export type TotalAct = 'pause' | 'resume' | 'cancel' | 'dismiss';

const DRAW_EVERY_MS = 300;

/** One line for all files together, when there is more than one. */
export class UploadSummary {
  private readonly element = document.getElementById('uploads-summary')!;
  private readonly name = this.element.querySelector<HTMLElement>('[data-name]')!;
  private readonly said = this.element.querySelector<HTMLElement>('[data-said]')!;
  private readonly meter = this.element.querySelector('progress')!;
  private readonly buttons = [...this.element.querySelectorAll<HTMLButtonElement>('[data-act]')];
  private readonly speed = new Speed();
  private timer: number | undefined;

  constructor(
    private readonly totals: UploadTotals,
    onAct: (act: TotalAct) => void,
  ) {
    for (const button of this.buttons) button.addEventListener('click', () => onAct(button.dataset['act'] as TotalAct));
  }

  /** Soon: changes come by hundreds. */
  draw(): void {
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      this.drawNow();
    }, DRAW_EVERY_MS);
  }

  drawNow(): void {
    const { totals } = this;
    this.element.hidden = totals.count < 2;
    if (totals.of('sending') > 0) this.speed.note(totals.sent);
    else this.speed.forget();
    this.meter.max = Math.max(1, totals.size);
    this.meter.value = totals.open === 0 ? this.meter.max : totals.sent;
    this.meter.classList.toggle('meter-ok', totals.open === 0 && totals.of('failed') === 0);
    this.meter.classList.toggle('meter-idle', totals.open > 0 && totals.of('sending') === 0);
    this.name.textContent = this.counts();
    this.said.textContent = totals.open === 0 ? formatBytes(totals.sent) : amountsInWords(totals.sent, totals.size, this.speed.perSecond);
    this.drawButtons();
  }

  private counts(): string {
    const { totals } = this;
    const parts = [say('jsSummary', { done: numberOf(totals.of('done')), count: numberOf(totals.count - totals.of('cancelled')) })];
    if (totals.of('skipped') > 0) parts.push(say('jsSummaryRest', { count: numberOf(totals.of('skipped')) }));
    if (totals.of('failed') > 0) parts.push(say('jsSummaryFailed', { count: numberOf(totals.of('failed')) }));
    if (totals.of('cancelled') > 0) parts.push(say('jsSummaryCancelled', { count: numberOf(totals.of('cancelled')) }));
    return parts.join(' · ');
  }

  private drawButtons(): void {
    const { totals } = this;
    const moving = totals.of('waiting', 'sending', 'held') > 0;
    const shown: Record<TotalAct, boolean> = {
      pause: moving,
      resume: !moving && totals.of('paused') > 0,
      cancel: totals.open > 0,
      dismiss: totals.open === 0,
    };
    const focused = this.buttons.find((button) => button === document.activeElement);
    for (const button of this.buttons) button.hidden = !shown[button.dataset['act'] as TotalAct];
    if (focused?.hidden) this.buttons.find((button) => !button.hidden)?.focus();
  }
}
