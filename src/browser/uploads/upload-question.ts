import { relativeTime, type TimeWords } from '../time-words.js';
import { lastName } from './transfer.js';
import type { Choice, UploadItem } from './upload-item.js';
import type { UploadQueue } from './upload-queue.js';
import { say } from './words.js';

/** Asks about files whose name is taken, one after the other, and for all of a batch at once if the person likes. */
export class UploadQuestion {
  private readonly element = document.getElementById('upload-question')!;
  private readonly words = document.getElementById('upload-question-words')!;
  private readonly buttons = [...this.element.querySelectorAll<HTMLButtonElement>('[data-choice]')];
  private readonly forAll = this.element.querySelector<HTMLElement>('[data-for-all]')!;
  private readonly box = this.forAll.querySelector('input')!;
  private shown: UploadItem | undefined;

  constructor(
    private readonly queue: UploadQueue,
    private readonly announce: (sentence: string) => void,
  ) {
    for (const button of this.buttons) button.addEventListener('click', () => this.answer(button.dataset['choice'] as Choice));
  }

  /** Shows the next question, if there is one. Whoever answered the last one by its buttons is led to those of the next. */
  draw(): void {
    const item = this.queue.question;
    if (item) this.forAll.hidden = this.queue.othersLike(item) === 0;
    if (item === this.shown) return;
    const hadFocus = this.element.contains(document.activeElement);
    this.shown = item;
    this.element.hidden = !item;
    if (!item?.question) {
      if (hadFocus) document.querySelector<HTMLElement>('#upload-rows button:not([hidden]), [data-choose]')?.focus();
      return;
    }
    const sentence = sentenceFor(item);
    this.words.textContent = sentence;
    for (const button of this.buttons) button.hidden = button.dataset['choice'] === 'replace' && !item.question.there;
    this.box.checked = false;
    if (hadFocus) this.buttons.find((button) => !button.hidden)?.focus();
    this.announce(sentence);
  }

  private answer(choice: Choice): void {
    if (this.shown) this.queue.answer(this.shown, choice, !this.forAll.hidden && this.box.checked);
    this.draw();
  }
}

function sentenceFor({ path, question }: UploadItem): string {
  if (!question?.there) return question?.message ?? '';
  const times = JSON.parse(document.getElementById('time-words')?.textContent ?? '{}') as TimeWords;
  const { size, changedMs } = question.there;
  return say('jsExists', { name: lastName(path), size, when: relativeTime(changedMs, Date.now(), times) });
}
