import { Contrast } from './contrast.js';
import { say, type LayerData, type ViewerData } from './data.js';
import { firstState, type LayerState } from './layer-state.js';
import type { Scene } from './painters.js';
import { rangeOf } from './pyramid.js';

const PHONE = matchMedia('(max-width: 45rem)');

/** The list of layers beside the stage: what each shows, and how. */
export class LayerPanel {
  private readonly rows: LayerRow[];

  /** @param onChange is called after each change of the state. */
  constructor(
    root: HTMLElement,
    private readonly data: ViewerData,
    private readonly scene: Scene,
    private readonly onChange: () => void,
  ) {
    const list = root.querySelector('ul')!;
    this.rows = data.layers.map(
      (layer, index) =>
        new LayerRow(
          root,
          data,
          layer,
          () => scene.state.layers[index],
          (change) => this.change(index, change),
        ),
    );
    // What lies above stands above.
    list.replaceChildren(...this.rows.map(({ element }) => element).reverse());
    root.querySelector('[data-reset]')?.addEventListener('click', () => this.reset());
    this.startFold(root);
    this.show();
  }

  /** On phones the layers begin folded: they would push the rest of the page far down. */
  private startFold(root: HTMLElement): void {
    const fold = root.querySelector<HTMLElement>('[data-fold]');
    const setFolded = (isFolded: boolean): void => {
      root.classList.toggle('unfolded', !isFolded);
      fold?.setAttribute('aria-expanded', String(!isFolded));
    };
    if (fold) setFolded(PHONE.matches);
    PHONE.addEventListener('change', () => setFolded(PHONE.matches));
    fold?.addEventListener('click', () => setFolded(root.classList.contains('unfolded')));
  }

  /** After the state was changed by somebody else. */
  show(): void {
    this.rows.forEach((row, index) => void this.showRow(row, index));
  }

  toggle(index: number): void {
    const layer = this.scene.state.layers[index];
    if (layer) this.change(index, { visible: !layer.visible });
  }

  private async showRow(row: LayerRow, index: number): Promise<void> {
    row.show();
    const { visible } = this.scene.state.layers[index];
    const layer = this.data.layers[index];
    if (layer.kind === 'light' && visible) row.showFacts(await this.scene.values.facts(layer, this.scene.state.plane));
  }

  private change(index: number, change: Partial<LayerState>): void {
    Object.assign(this.scene.state.layers[index], change);
    void this.showRow(this.rows[index], index);
    this.onChange();
  }

  private reset(): void {
    this.scene.state.layers = firstState(this.data.layers).layers;
    this.show();
    this.onChange();
  }
}

class LayerRow {
  readonly element: HTMLElement;
  private readonly box: HTMLInputElement;
  private readonly opacity: HTMLInputElement;
  private readonly colour: HTMLInputElement;
  private readonly outline: HTMLInputElement;
  private readonly contrast: Contrast | null;

  constructor(
    root: HTMLElement,
    private readonly data: ViewerData,
    private readonly layer: LayerData,
    private readonly state: () => LayerState,
    onChange: (change: Partial<LayerState>) => void,
  ) {
    const template = root.querySelector<HTMLTemplateElement>('[data-layer-template]')!;
    this.element = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    const find = <Kind extends Element>(what: string): Kind => this.element.querySelector<Kind>(`[data-${what}]`)!;
    find('title').textContent = layer.title;
    find<HTMLElement>('title').title = layer.title;
    this.box = find('visible');
    this.opacity = find('opacity');
    this.colour = find('colour');
    this.outline = find('outline');
    this.opacity.setAttribute('aria-label', say(data.words, 'opacityOf', { layer: layer.title }));
    this.colour.setAttribute('aria-label', say(data.words, 'colourOf', { layer: layer.title }));
    this.box.addEventListener('change', () => onChange({ visible: this.box.checked }));
    this.opacity.addEventListener('input', () => onChange({ opacity: Number(this.opacity.value) / 100 }));
    this.colour.addEventListener('input', () => onChange({ colour: this.colour.value }));
    this.outline.addEventListener('change', () => onChange({ outline: this.outline.checked }));
    find<HTMLElement>('outline-line').hidden = layer.kind !== 'labels';
    const range = root.querySelector<HTMLTemplateElement>('[data-contrast-template]')!;
    this.contrast = layer.kind === 'light' ? new Contrast(range, layer, data.words, (value) => onChange({ range: value })) : null;
    if (this.contrast) find('more').prepend(this.contrast.element);
  }

  show(): void {
    const { visible, opacity, colour, outline } = this.state();
    const { kind } = this.layer;
    this.box.checked = visible;
    this.opacity.value = String(Math.round(opacity * 100));
    this.element.querySelector('[data-percent]')!.textContent = `${Math.round(opacity * 100)} %`;
    this.outline.checked = outline;
    const many = kind === 'labels' && colour === '';
    this.colour.hidden = colour === '';
    this.element.querySelector<HTMLElement>('[data-many]')!.hidden = !many;
    if (colour !== '') this.colour.value = colour;
    this.element.classList.toggle('off', !visible);
    this.element.querySelector<HTMLElement>('[data-more]')!.hidden = !visible;
  }

  showFacts(facts: Awaited<ReturnType<Scene['values']['facts']>>): void {
    const sample = facts && rangeOf(facts, this.layer.sample);
    if (sample) this.contrast?.show(sample, this.state().range);
    if (facts) this.element.querySelector('[data-depth]')!.textContent = depthInWords(this.data.words, facts.type);
  }
}

function depthInWords(words: Record<string, string>, type: string): string {
  return say(words, type.startsWith('float') ? 'bitsFloat' : 'bits', { bits: type.replace(/\D+/, '') });
}
