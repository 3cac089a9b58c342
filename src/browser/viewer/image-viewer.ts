import { copy } from '../copy-buttons.js';
import { BRIGHTEST } from './blend.js';
import { shortNumber } from './contrast.js';
import { say, type ViewerData } from './data.js';
import { LayerPanel } from './layer-panel.js';
import { readState, writeState } from './layer-state.js';
import { ImagePainter, LabelPainter, ShapePainter, type Scene } from './painters.js';
import { findByLabel, findObject, ObjectCard, valueAt, type Found } from './picker.js';
import { pictureOf, saveAs } from './save-picture.js';
import { drawScale } from './scale-bar.js';
import { ShapeLines } from './shape-lines.js';
import { Stage } from './stage.js';
import { TileValues } from './tile-values.js';

const SVG = 'http://www.w3.org/2000/svg';
const ZOOM_STEP = 1.4;
const WRITE_AFTER_MS = 250;
const REST_MS = 40;
const SAID_MS = 4000;
const KEYS: Record<string, string> = { '+': 'in', '=': 'in', '-': 'out', '0': 'fit', f: 'full', l: 'link', s: 'save', Escape: 'close' };
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Ties stage, layers, values under the pointer, the picked object, keys, and the address of the page together. */
export class ImageViewer {
  private readonly scene: Scene;
  private readonly stage: Stage;
  private readonly panel: LayerPanel;
  private readonly card: ObjectCard;
  private found: Found | null = null;
  /** Rises with all that is picked or looked for, so that a late answer is told from the last. */
  private picks = 0;
  private written = 0;
  private pointed = 0;
  private said = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly data: ViewerData,
  ) {
    const values = new TileValues(
      data.tiles,
      () => void this.stage.repaint(),
      (isDraft) => this.sayDraft(isDraft),
    );
    const state = readState(location.hash, data.layers);
    this.scene = { layers: data.layers, state, values, lines: new ShapeLines(data.tiles), picked: { layer: -1, label: 0 } };
    const painters = { image: new ImagePainter(this.scene), labels: new LabelPainter(this.scene), shapes: new ShapePainter(this.scene) };
    this.stage = new Stage(this.find('[data-stage]'), data, painters);
    this.panel = new LayerPanel(this.find('[data-layers]'), data, this.scene, () => this.changed());
    this.card = new ObjectCard(this.find('[data-card]'), data, () => this.pick(null));
  }

  start(): void {
    this.stage.whenReady = () => {
      if (this.scene.state.place) this.stage.go(this.scene.state.place);
      void this.showCell();
    };
    const { viewer } = this.stage;
    viewer.addHandler('update-viewport', () => this.moved());
    viewer.addHandler('animation-finish', () => this.keepPlace());
    viewer.addHandler('resize', () => this.moved());
    viewer.addHandler('canvas-click', (event) => event.quick && void this.click(event.position));
    const surface = this.find('[data-surface]');
    surface.addEventListener('pointermove', (event) => void this.point(event));
    surface.addEventListener('pointerleave', () => (this.find('[data-values]').textContent = ''));
    surface.addEventListener('keydown', (event) => this.press(event));
    for (const button of this.root.querySelectorAll<HTMLElement>('[data-do]')) {
      button.addEventListener('click', () => this.act(button.dataset['do'] ?? ''));
    }
    this.startPlanes();
    window.addEventListener('hashchange', () => this.readAddress());
  }

  private find<Kind extends HTMLElement>(what: string): Kind {
    return this.root.querySelector<Kind>(what)!;
  }

  private act(what: string): void {
    if (what === 'in') this.stage.zoomBy(ZOOM_STEP);
    if (what === 'out') this.stage.zoomBy(1 / ZOOM_STEP);
    if (what === 'fit') this.stage.fit();
    if (what === 'close') this.pick(null);
    if (what === 'link') void this.copyLink();
    if (what === 'save') void this.savePicture();
    if (what === 'full') void (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen());
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    // The first in the list lies on top.
    const layer = /^[1-9]$/.test(event.key) ? this.data.layers.length - Number(event.key) : null;
    if (arrow) this.stage.pan(...arrow);
    else if (layer !== null) this.panel.toggle(layer);
    else if (event.key === 'Enter') void this.clickMiddle();
    else if (KEYS[event.key]) this.act(KEYS[event.key]);
    else return;
    event.preventDefault();
  }

  private startPlanes(): void {
    const slider = this.root.querySelector<HTMLInputElement>('[data-plane]');
    if (!slider) return;
    const show = (): void => {
      const text = say(this.data.words, 'planeOf', { number: this.scene.state.plane + 1, planes: this.data.planes });
      this.find('[data-plane-text]').textContent = text;
      slider.setAttribute('aria-valuetext', text);
    };
    this.scene.state.plane = Math.min(this.scene.state.plane, this.data.planes - 1);
    slider.value = String(this.scene.state.plane + 1);
    slider.addEventListener('input', () => {
      this.scene.state.plane = Number(slider.value) - 1;
      show();
      this.panel.show();
      this.changed();
    });
    show();
  }

  private changed(): void {
    void this.stage.repaint();
    this.writeAddress();
  }

  private moved(): void {
    drawScale(this.find('[data-scale]'), this.data.pixelSize, this.stage.zoom());
    this.drawFound();
  }

  private keepPlace(): void {
    this.scene.state.place = this.stage.place();
    this.writeAddress();
  }

  /** Browsers slow a page down that writes its address with every move. */
  private writeAddress(): void {
    window.clearTimeout(this.written);
    this.written = window.setTimeout(() => {
      const hash = writeState(this.scene.state, this.data.layers);
      history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
    }, WRITE_AFTER_MS);
  }

  private readAddress(): void {
    Object.assign(this.scene.state, readState(location.hash, this.data.layers));
    if (this.scene.state.place) this.stage.go(this.scene.state.place);
    this.panel.show();
    void this.stage.repaint();
    if (this.scene.state.cell === '') this.pick(null);
    else void this.showCell();
  }

  /** Picks the object that the address names, and goes there unless the address says where to be. */
  private async showCell(): Promise<void> {
    const { cell, place } = this.scene.state;
    if (cell === '') return;
    const turn = ++this.picks;
    const found = await findByLabel(this.scene, cell);
    if (turn !== this.picks) return;
    if (!found) return this.say(found === null ? 'noObject' : 'notTold', { label: cell });
    this.scene.state.layers[found.found.layer].visible = true;
    this.panel.show();
    if (!place) this.stage.goTo(found.place);
    this.pick(found.found);
  }

  private async copyLink(): Promise<void> {
    const hash = writeState({ ...this.scene.state, place: this.stage.place() }, this.data.layers);
    if (await copy(`${location.origin}${location.pathname}${location.search}${hash}`)) this.say('linkCopied');
  }

  private async savePicture(): Promise<void> {
    const picture = await pictureOf(this.stage.picture, this.root.querySelector('[data-found]')!, this.find('[data-scale]'));
    if (!picture) return this.say('cannotSave');
    saveAs(picture, `${this.root.dataset['name'] ?? ''}.png`);
    this.say('saved');
  }

  private say(name: string, values: Record<string, string> = {}): void {
    const note = this.find('[data-said]');
    note.textContent = say(this.data.words, name, values);
    window.clearTimeout(this.said);
    this.said = window.setTimeout(() => (note.textContent = ''), SAID_MS);
  }

  private async point(event: PointerEvent): Promise<void> {
    const turn = ++this.pointed;
    // While it moves over a large image nothing is fetched.
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    if (turn !== this.pointed) return;
    const box = this.find('[data-surface]').getBoundingClientRect();
    const { x, y } = this.stage.imagePoint({ x: event.clientX - box.left, y: event.clientY - box.top });
    const text = this.isInside(x, y) ? await this.valuesAt(x, y) : '';
    if (turn === this.pointed) this.find('[data-values]').textContent = text;
  }

  private isInside(x: number, y: number): boolean {
    return x >= 0 && y >= 0 && x < this.data.width && y < this.data.height;
  }

  private async valuesAt(x: number, y: number): Promise<string> {
    const shown = this.data.layers.filter((layer, index) => layer.kind !== 'shapes' && this.scene.state.layers[index].visible);
    const values = await Promise.all(shown.map((layer) => this.valuesOf(layer, x, y)));
    return [say(this.data.words, 'at', { x: Math.floor(x), y: Math.floor(y) }), ...values.filter((value) => value !== '')].join(' · ');
  }

  private async valuesOf(layer: ViewerData['layers'][number], x: number, y: number): Promise<string> {
    const samples = layer.kind === 'colour' || layer.sample === BRIGHTEST ? [0, 1, 2] : [layer.sample];
    const values = await Promise.all(samples.map((sample) => valueAt(this.scene, { ...layer, sample }, x, y)));
    return values.some((value) => value === null) ? '' : `${layer.title} ${values.map((value) => shortNumber(value ?? 0)).join(', ')}`;
  }

  private async click(position: { x: number; y: number }): Promise<void> {
    const { x, y } = this.stage.imagePoint(position);
    const turn = ++this.picks;
    const found = this.isInside(x, y) ? await findObject(this.scene, x, y) : null;
    if (turn === this.picks) this.pick(found);
  }

  private clickMiddle(): Promise<void> {
    const { width, height } = this.find('[data-surface]').getBoundingClientRect();
    return this.click({ x: width / 2, y: height / 2 });
  }

  private pick(found: Found | null): void {
    this.picks += 1;
    this.found = found;
    const label = found && found.lines.length === 0 ? Number(found.label) : 0;
    this.scene.picked = { layer: found?.layer ?? -1, label };
    this.scene.state.cell = label > 0 ? String(label) : '';
    this.writeAddress();
    if (found) void this.card.show(found);
    else this.card.hide();
    this.drawFound();
    void this.stage.repaint();
  }

  /** The outline of the picked shape, above all tiles. */
  private drawFound(): void {
    const overlay = this.root.querySelector<SVGSVGElement>('[data-found]')!;
    const path = document.createElementNS(SVG, 'path');
    const parts = (this.found?.lines ?? []).map((line) => {
      const points: string[] = [];
      for (let at = 0; at < line.length; at += 2) {
        const { x, y } = this.stage.stagePoint({ x: line[at], y: line[at + 1] });
        points.push(`${x.toFixed(1)},${y.toFixed(1)}`);
      }
      return `M${points.join('L')}Z`;
    });
    path.setAttribute('d', parts.join(''));
    overlay.replaceChildren(path);
  }

  private sayDraft(isDraft: boolean): void {
    this.find('[data-draft]').hidden = !isDraft;
  }
}
