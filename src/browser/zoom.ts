/** Pictures looked at closely: links with `data-zoom` open in the dialog `#zoomer` in which they can be enlarged and moved. */

const STEP = 1.5;
const MOST_SCALE = 16;

/** With a modifier key the link is a link. */
export function startZoom(): void {
  const dialog = document.querySelector<HTMLDialogElement>('#zoomer');
  if (!dialog) return;
  const zoomer = new Zoomer(dialog);
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-zoom]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    zoomer.open(link);
  });
}

class Zoomer {
  private readonly stage: HTMLElement;
  /** In the page only while it is looked at: whoever counts the pictures of the page counts results. */
  private readonly image = document.createElement('img');
  private readonly caption: HTMLElement;
  private link: HTMLAnchorElement | undefined;
  private scale = 1;
  private x = 0;
  private y = 0;

  constructor(private readonly dialog: HTMLDialogElement) {
    this.stage = dialog.querySelector('[data-zoom-stage]')!;
    this.caption = dialog.querySelector('[data-zoom-title]')!;
    dialog.addEventListener('click', (event) => {
      const button = (event.target as Element).closest<HTMLElement>('[data-zoom-do]');
      if (button) this.act(button.dataset['zoomDo'] ?? '');
    });
    dialog.addEventListener('close', () => this.image.remove());
    dialog.addEventListener('keydown', (event) => this.press(event));
    this.stage.addEventListener('wheel', (event) => this.turn(event), { passive: false });
    this.stage.addEventListener('dblclick', () => this.act(this.scale > 1 ? 'fit' : 'in'));
    this.stage.addEventListener('pointerdown', (event) => this.drag(event));
  }

  open(link: HTMLAnchorElement): void {
    const picture = link.querySelector('img');
    this.link = link;
    this.image.src = link.href;
    this.image.alt = picture?.alt ?? '';
    this.caption.textContent = this.image.alt;
    this.act('fit');
    const several = this.links().length > 1;
    for (const name of ['previous', 'next']) this.dialog.querySelector<HTMLElement>(`[data-zoom-do="${name}"]`)!.hidden = !several;
    this.stage.append(this.image);
    if (!this.dialog.open) this.dialog.showModal();
  }

  private links(): HTMLAnchorElement[] {
    return [...document.querySelectorAll<HTMLAnchorElement>('a[data-zoom]')];
  }

  private act(what: string): void {
    if (what === 'close') this.dialog.close();
    if (what === 'in') this.zoom(STEP);
    if (what === 'out') this.zoom(1 / STEP);
    if (what === 'previous') this.go(-1);
    if (what === 'next') this.go(1);
    if (what === 'fit') {
      [this.scale, this.x, this.y] = [1, 0, 0];
      this.draw();
    }
  }

  private press(event: KeyboardEvent): void {
    const actions: Record<string, string> = { '+': 'in', '=': 'in', '-': 'out', '0': 'fit', ArrowLeft: 'previous', ArrowRight: 'next' };
    const action = actions[event.key];
    if (action) this.act(action);
  }

  private go(step: number): void {
    const links = this.links();
    // The page may have been renewed since: go by the address.
    const at = links.findIndex((link) => link.href === this.link?.href);
    const link = links[(at + step + links.length) % links.length];
    if (link) this.open(link);
  }

  private turn(event: WheelEvent): void {
    event.preventDefault();
    const box = this.stage.getBoundingClientRect();
    this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2);
  }

  /** @param x,y the point that stays where it is, from the middle of the stage. */
  private zoom(factor: number, x = 0, y = 0): void {
    const scale = Math.min(MOST_SCALE, Math.max(1, this.scale * factor));
    const change = scale / this.scale;
    this.x = scale === 1 ? 0 : x - (x - this.x) * change;
    this.y = scale === 1 ? 0 : y - (y - this.y) * change;
    this.scale = scale;
    this.draw();
  }

  private drag(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const [startX, startY] = [event.clientX - this.x, event.clientY - this.y];
    this.stage.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => {
      [this.x, this.y] = [moved.clientX - startX, moved.clientY - startY];
      this.draw();
    };
    this.stage.addEventListener('pointermove', move);
    this.stage.addEventListener('pointerup', () => this.stage.removeEventListener('pointermove', move), { once: true });
    this.stage.addEventListener('pointercancel', () => this.stage.removeEventListener('pointermove', move), { once: true });
  }

  private draw(): void {
    this.image.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.image.classList.toggle('pixels', this.scale >= 4);
  }
}
