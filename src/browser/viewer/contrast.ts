import { say, type LayerData } from './data.js';
import { drawHistogram } from './histogram.js';
import type { SampleFacts } from './pyramid.js';

const STEPS = 1000;

/** Two ends of brightness on a histogram: below the lower all is black, above the upper all is full. */
export class Contrast {
  readonly element: HTMLElement;
  private readonly low: HTMLInputElement;
  private readonly high: HTMLInputElement;
  private readonly said: HTMLElement;
  private facts: SampleFacts | null = null;

  constructor(
    template: HTMLTemplateElement,
    layer: LayerData,
    private readonly words: Record<string, string>,
    private readonly onChange: (range: [number, number] | null) => void,
  ) {
    this.element = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    this.low = this.element.querySelector('[data-low]')!;
    this.high = this.element.querySelector('[data-high]')!;
    this.said = this.element.querySelector('[data-range]')!;
    this.low.setAttribute('aria-label', say(words, 'blackOf', { layer: layer.title }));
    this.high.setAttribute('aria-label', say(words, 'whiteOf', { layer: layer.title }));
    for (const input of [this.low, this.high]) {
      input.max = String(STEPS);
      input.addEventListener('input', () => this.change(input));
    }
    const auto = this.element.querySelector<HTMLButtonElement>('[data-auto]')!;
    auto.setAttribute('aria-label', say(words, 'autoOf', { layer: layer.title }));
    auto.addEventListener('click', () => this.onChange(null));
  }

  /** @param range null: what the facts suggest. */
  show(facts: SampleFacts, range: [number, number] | null): void {
    if (this.facts !== facts) drawHistogram(this.element.querySelector('svg')!, facts);
    this.facts = facts;
    const [low, high] = range ?? [facts.low, facts.high];
    this.low.value = String(this.stepOf(low));
    this.high.value = String(this.stepOf(high));
    this.say(low, high);
  }

  private change(moved: HTMLInputElement): void {
    if (!this.facts) return;
    const [low, high] = [Number(this.low.value), Number(this.high.value)];
    if (moved === this.low && low >= high) this.low.value = String(Math.max(0, high - 1));
    if (moved === this.high && high <= low) this.high.value = String(Math.min(STEPS, low + 1));
    const range: [number, number] = [this.valueOf(Number(this.low.value)), this.valueOf(Number(this.high.value))];
    this.say(...range);
    this.onChange(range);
  }

  private say(low: number, high: number): void {
    const text = say(this.words, 'range', { low: shortNumber(low), high: shortNumber(high) });
    this.said.textContent = text;
    this.low.setAttribute('aria-valuetext', shortNumber(low));
    this.high.setAttribute('aria-valuetext', shortNumber(high));
  }

  private stepOf(value: number): number {
    const { least, reach } = this.facts!;
    return Math.round(((value - least) / (reach - least || 1)) * STEPS);
  }

  private valueOf(step: number): number {
    const { least, reach } = this.facts!;
    const value = least + ((reach - least) * step) / STEPS;
    return reach - least > STEPS ? Math.round(value) : value;
  }
}

/** Whole numbers as they are, fractions with what tells them apart. */
export function shortNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
