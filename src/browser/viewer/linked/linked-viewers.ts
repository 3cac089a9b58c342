import type { ViewerData } from '../data.js';
import { LayerPanel } from '../layer-panel.js';
import { firstState } from '../layer-state.js';
import type { Share } from '../stage.js';
import { Pane } from './pane.js';
import { copyStates, sameLayers } from './same-layers.js';

const ZOOM_STEP = 1.4;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS: Record<string, string> = {
  '+': 'in',
  '=': 'in',
  '-': 'out',
  '0': 'fit',
  f: 'full',
  l: 'link',
  o: 'over',
  b: 'flip',
  ' ': 'flip',
};

/** Several images that are moved, zoomed and shown together; over each other they are blended, or flip from one to the next. */
export class LinkedViewers {
  private readonly panes: Pane[];
  private readonly panels: LayerPanel[];
  private readonly panelRoots: HTMLElement[];
  /** The one that a person moves: the others follow it. */
  private leader = 0;
  private isLinked = true;
  /** Which image is in front while they lie over each other; between two whole numbers both are seen. */
  private front = 0;

  constructor(
    private readonly root: HTMLElement,
    all: readonly ViewerData[],
  ) {
    const elements = [...root.querySelectorAll<HTMLElement>('[data-pane]')];
    this.panelRoots = [...root.querySelectorAll<HTMLElement>('[data-layers]')];
    this.panes = elements.map((element, index) => {
      return new Pane(element, all[index], firstState(all[index].layers), all.length, (share) => this.moved(index, share));
    });
    this.panels = this.panes.map(
      ({ data, scene }, index) => new LayerPanel(this.panelRoots[index], data, scene, () => this.changed(index)),
    );
  }

  start(): void {
    this.panes.forEach(({ element }, index) => {
      for (const event of ['pointerdown', 'wheel', 'focusin'] as const) {
        element.addEventListener(event, () => this.lead(index), { capture: true, passive: true });
      }
      element.addEventListener('keydown', (event) => this.press(event));
    });
    for (const button of this.root.querySelectorAll<HTMLElement>('[data-do]')) {
      button.addEventListener('click', () => this.act(button.dataset['do'] ?? ''));
    }
    this.find<HTMLInputElement>('[data-linked]').addEventListener('change', ({ target }) =>
      this.link((target as HTMLInputElement).checked),
    );
    this.find<HTMLInputElement>('[data-over]').addEventListener('change', ({ target }) => this.lay((target as HTMLInputElement).checked));
    const slider = this.find<HTMLInputElement>('[data-blend]');
    slider.addEventListener('input', () => this.blend(Number(slider.value)));
    this.showPanel();
  }

  private find<Kind extends HTMLElement>(what: string): Kind {
    return this.root.querySelector<Kind>(what)!;
  }

  private get isOver(): boolean {
    return this.find<HTMLInputElement>('[data-over]').checked;
  }

  private lead(index: number): void {
    if (this.leader === index) return;
    this.leader = index;
    this.showPanel();
  }

  /** Pictures of another size follow by the same share of their width and height. */
  private moved(index: number, share: Share): void {
    if (!this.isLinked || index !== this.leader) return;
    this.panes.forEach((pane, other) => other !== index && pane.stage.goShare(share));
  }

  private changed(index: number): void {
    void this.panes[index].stage.repaint();
    if (this.isLinked) this.spread(index);
  }

  private spread(index: number): void {
    const { data, scene } = this.panes[index];
    this.panes.forEach((pane, other) => {
      if (other === index) return;
      copyStates(scene.state.layers, pane.scene.state.layers, sameLayers(data.layers, pane.data.layers));
      pane.scene.state.plane = Math.min(scene.state.plane, pane.data.planes - 1);
      this.panels[other].show();
      void pane.stage.repaint();
    });
  }

  /** Of linked images one list of layers is for all. */
  private showPanel(): void {
    this.panelRoots.forEach((panel, index) => (panel.hidden = index !== (this.isOver ? Math.round(this.front) : this.leader)));
  }

  private link(isLinked: boolean): void {
    this.isLinked = isLinked;
    if (!isLinked) return;
    this.spread(this.leader);
    this.moved(this.leader, this.panes[this.leader].stage.share());
  }

  /** Lays the images over each other, or beside each other again. */
  private lay(isOver: boolean): void {
    this.find('[data-panes]').classList.toggle('over', isOver);
    this.find('[data-blend-line]').hidden = !isOver;
    if (isOver) this.link((this.find<HTMLInputElement>('[data-linked]').checked = true));
    this.blend(this.front);
  }

  private blend(front: number): void {
    this.front = front;
    const slider = this.find<HTMLInputElement>('[data-blend]');
    slider.value = String(front);
    const nearest = Math.round(front);
    slider.setAttribute('aria-valuetext', this.panes[nearest].element.dataset['name'] ?? '');
    this.panes.forEach(({ element }, index) => {
      // What lies above is seen through as far as the slider has come.
      element.style.opacity = this.isOver ? String(Math.max(0, Math.min(1, 1 - index + front))) : '';
      element.classList.toggle('front', index === nearest);
      element.style.pointerEvents = this.isOver && index !== nearest ? 'none' : '';
    });
    if (this.isOver) this.leader = nearest;
    this.showPanel();
  }

  private act(what: string): void {
    const { stage } = this.panes[this.leader];
    if (what === 'in') stage.zoomBy(ZOOM_STEP);
    if (what === 'out') stage.zoomBy(1 / ZOOM_STEP);
    if (what === 'fit') stage.fit();
    if (what === 'full') void (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen());
    if (what === 'link') this.find<HTMLInputElement>('[data-linked]').click();
    if (what === 'over') this.find<HTMLInputElement>('[data-over]').click();
    if (what === 'flip') this.flip();
  }

  private flip(): void {
    if (!this.isOver) this.act('over');
    this.blend((Math.round(this.front) + 1) % this.panes.length);
    if (document.activeElement?.matches('[data-pane]')) this.panes[this.leader].element.focus({ preventScroll: true });
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const { data, stage } = this.panes[this.leader];
    if (arrow) stage.pan(...arrow);
    else if (/^[1-9]$/.test(event.key)) this.panels[this.leader].toggle(data.layers.length - Number(event.key));
    else if (KEYS[event.key]) this.act(KEYS[event.key]);
    else return;
    event.preventDefault();
  }
}
