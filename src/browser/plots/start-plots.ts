import type { View } from '../vega.js';
import { asFault, PlotFault } from './plot-fault.js';
import { PlotMark } from './plot-marks.js';
import { fetchSpec, type Json, type PlotPlace } from './plot-source.js';
import { plotConfig } from './plot-theme.js';
import { drawPlot } from './plot-view.js';
import type { PlotWords } from './plot-words.js';
import { tryPlot } from './try-plot.js';

const RESIZED_MS = 200;

/** Draws the plots of a page one after the other, and anew when its colours change. */
export function startPlots(): void {
  const plots: Plot[] = [];
  const find = (): void => {
    for (const figure of document.querySelectorAll<HTMLElement>('[data-plot]:not([data-plot-seen])')) {
      figure.dataset['plotSeen'] = '';
      plots.push(new Plot(figure));
    }
    queue = plots.reduce((before, plot) => before.then(() => plot.draw()), queue);
  };
  let queue = Promise.resolve();
  const again = (): void => {
    queue = plots.reduce((before, plot) => before.then(() => plot.colour()), queue);
  };
  find();
  document.addEventListener('live:merged', find);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ['data-bs-theme'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
}

/** One figure. */
class Plot {
  private spec: Json | null = null;
  private view: View | null = null;
  private isTried = false;
  /** Of the room for which it was drawn last; the page may have changed meanwhile. */
  private drawnWidth = 0;
  private readonly words: PlotWords;
  private readonly canvas: HTMLElement;
  private readonly place: PlotPlace;
  private readonly mark: PlotMark;

  constructor(private readonly figure: HTMLElement) {
    const absolute = (name: string): string => new URL(figure.dataset[name] ?? '', location.href).href;
    this.place = { spec: absolute('plot'), files: absolute('plotFiles') };
    this.mark = new PlotMark(this.place.spec);
    this.canvas = figure.querySelector<HTMLElement>('.plot-canvas')!;
    this.words = JSON.parse(figure.querySelector('[data-plot-words]')?.textContent ?? '{}') as PlotWords;
  }

  async draw(): Promise<void> {
    if (this.isTried) return;
    this.isTried = true;
    if (!(await this.mark.isLeft())) return this.start();
    this.mark.clear();
    this.explain(new PlotFault('ended'));
    this.offerStart();
  }

  private async start(): Promise<void> {
    this.mark.set();
    this.say(this.words.drawing);
    try {
      this.spec = await fetchSpec(this.place);
      const surroundings = { place: this.place, config: plotConfig(this.figure), width: this.width() };
      await tryPlot({ spec: this.spec, surroundings });
      await this.show();
      this.offerFiles();
      this.followWidth();
    } catch (error) {
      this.explain(asFault(error));
    } finally {
      this.mark.clear();
    }
  }

  private offerStart(): void {
    const start = button(this.words.drawAnyway, this.words.drawAnyway, async () => {
      start.remove();
      delete this.figure.dataset['plotFault'];
      await this.start();
    });
    this.figure.querySelector('[data-plot-status]')?.after(start);
  }

  /** In the colours of the page as they are now. */
  async colour(): Promise<void> {
    if (this.view) await this.show().catch((error: unknown) => this.explain(asFault(error)));
    if (this.view && this.width() !== this.drawnWidth) await this.show().catch((error: unknown) => this.explain(asFault(error)));
  }

  private async show(): Promise<void> {
    const stage = document.createElement('div');
    const width = this.width();
    const surroundings = { place: this.place, config: plotConfig(this.figure), width };
    // A copy: Vega keeps and changes what it is given.
    const view = await drawPlot(structuredClone(this.spec!), surroundings, stage);
    this.view?.finalize();
    this.view = view;
    this.drawnWidth = width;
    this.canvas.replaceChildren(stage);
    this.figure.dataset['plotDrawn'] = String(width);
  }

  /** Draws it anew a moment after the page has become wider or narrower, also where that was while it was drawn. */
  private followWidth(): void {
    let clock: ReturnType<typeof setTimeout> | undefined;
    const follow = (): void => {
      if (this.width() !== this.drawnWidth) void this.colour();
    };
    new ResizeObserver(() => {
      clearTimeout(clock);
      clock = setTimeout(follow, RESIZED_MS);
    }).observe(this.canvas);
  }

  private width(): number {
    const { paddingLeft, paddingRight } = getComputedStyle(this.canvas);
    return Math.floor(this.canvas.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight));
  }

  private say(sentence: string): void {
    const status = this.figure.querySelector('[data-plot-status]');
    if (status) status.textContent = sentence;
  }

  private explain({ kind, message }: PlotFault): void {
    this.say(this.words[kind].replace('{reason}', message));
    this.figure.dataset['plotFault'] = kind;
  }

  private offerFiles(): void {
    const actions = document.getElementById(this.figure.dataset['plotActions'] ?? '');
    const title = this.figure.getAttribute('aria-label') ?? '';
    const png = button(this.words.png, this.words.pngOf.replace('{title}', title), async () => {
      save(await this.view!.toImageURL('png', 2), `${this.fileName()}.png`);
    });
    const svg = button(this.words.svg, this.words.svgOf.replace('{title}', title), async () => {
      const blob = new Blob([await this.view!.toSVG()], { type: 'image/svg+xml' });
      save(URL.createObjectURL(blob), `${this.fileName()}.svg`);
    });
    actions?.prepend(png, svg);
  }

  private fileName(): string {
    return (this.figure.dataset['plotName'] ?? 'plot').replace(/^.*\//, '').replace(/(\.v[gl])?\.json$/i, '');
  }
}

function button(words: string, label: string, act: () => Promise<void>): HTMLButtonElement {
  const element = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-sm', textContent: words });
  element.setAttribute('aria-label', label);
  element.title = label;
  element.addEventListener('click', () => void act());
  return element;
}

function save(address: string, name: string): void {
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  if (address.startsWith('blob:')) setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
