/**
 * The page of a run: follows a growing log, and looks at pictures closely. Without scripts the log is as it was when the page was made,
 * and a picture opens by itself.
 */

interface Line {
  text: string;
  tone: 'plain' | 'warning' | 'error';
}

interface News {
  lines: Line[];
  unfinished: Line | null;
  next: number;
  skipped: boolean;
  attempt: number;
  grows: boolean;
}

const EVERY_MS = 700;
/** A server that is away is asked less often. */
const EVERY_MS_AFTER_FAILURE = 5000;
const MOST_LINES = 2000;
/** Scrolled this close to the end counts as being there. */
const NEAR_END_PX = 24;
const CLASSES = { plain: '', warning: 'wrn', error: 'err' } as const;

export function startShow(): void {
  if (document.querySelector('[data-log]')) follow();
  document.addEventListener('live:merged', follow);
  startZoom();
}

let following: LogFollower | undefined;

function follow(): void {
  const log = document.querySelector<HTMLElement>('[data-log]');
  if (!log || following?.log === log) return;
  following = new LogFollower(log);
  following.start();
}

class LogFollower {
  private next: number;
  private number: number;
  private attempt: number;
  private unfinished: HTMLElement | null;

  constructor(readonly log: HTMLElement) {
    this.next = Number(log.dataset['next']);
    this.number = log.dataset['number'] ? Number(log.dataset['number']) : Number.NaN;
    this.attempt = Number(log.dataset['attempt']);
    this.unfinished = 'unfinished' in log.dataset ? (log.lastElementChild as HTMLElement | null) : null;
  }

  start(): void {
    this.scrollToEnd();
    this.markLast();
    this.log.addEventListener('scroll', () => {
      const box = this.box();
      if (box) box.checked = this.isAtEnd();
    });
    this.box()?.addEventListener('change', () => this.scrollToEnd());
    void this.look();
  }

  private async look(): Promise<void> {
    let delay = EVERY_MS;
    if (!document.hidden) {
      try {
        if (!(await this.fetchNews())) return;
      } catch {
        delay = EVERY_MS_AFTER_FAILURE;
      }
    }
    // Not for ever: the region is replaced as soon as the run has ended.
    if (this.log.isConnected) setTimeout(() => void this.look(), delay);
  }

  /** @returns false when nothing will come any more. */
  private async fetchNews(): Promise<boolean> {
    const answer = await fetch(`${this.log.dataset['log'] ?? ''}?from=${this.next}`, { headers: { accept: 'application/json' } });
    if (answer.status === 401 || answer.status === 403 || answer.status === 404) return false;
    if (!answer.ok) throw new Error(String(answer.status));
    const news = (await answer.json()) as News;
    if (news.attempt !== this.attempt) return this.beginAgain(news.attempt);
    this.show(news);
    return news.grows;
  }

  private beginAgain(attempt: number): true {
    this.attempt = attempt;
    this.next = 0;
    this.number = 1;
    this.unfinished = null;
    this.log.replaceChildren();
    return true;
  }

  private show(news: News): void {
    this.next = news.next;
    if (news.lines.length === 0 && this.unfinished?.textContent === news.unfinished?.text) return;
    const stay = this.box()?.checked ?? false;
    this.unfinished?.remove();
    this.unfinished = null;
    const fragment = document.createDocumentFragment();
    if (news.skipped) {
      this.number = Number.NaN;
      fragment.append(line({ text: this.log.dataset['skipped'] ?? '', tone: 'warning' }, Number.NaN));
    }
    for (const one of news.lines) fragment.append(line(one, this.number++));
    if (news.unfinished) fragment.append((this.unfinished = line(news.unfinished, this.number)));
    this.log.append(fragment);
    while (this.log.childElementCount > MOST_LINES) this.log.firstElementChild?.remove();
    this.markLast();
    if (stay) this.scrollToEnd();
  }

  private markLast(): void {
    this.log.querySelector('.hot')?.classList.remove('hot');
    this.log.lastElementChild?.classList.add('hot');
  }

  private box(): HTMLInputElement | null {
    return document.querySelector<HTMLInputElement>('#log-follow');
  }

  private isAtEnd(): boolean {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  private scrollToEnd(): void {
    if (this.box()?.checked) this.log.scrollTop = this.log.scrollHeight;
  }
}

function line({ text, tone }: Line, number: number): HTMLElement {
  const element = document.createElement('span');
  element.textContent = text;
  element.className = CLASSES[tone];
  if (!Number.isNaN(number)) element.dataset['n'] = String(number);
  return element;
}

const STEP = 1.5;
const MOST_SCALE = 16;

/** Pictures open in a dialog in which they can be enlarged and moved; with a modifier key the link is a link. */
function startZoom(): void {
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
  private readonly image: HTMLImageElement;
  private readonly caption: HTMLElement;
  private link: HTMLAnchorElement | undefined;
  private scale = 1;
  private x = 0;
  private y = 0;

  constructor(private readonly dialog: HTMLDialogElement) {
    this.stage = dialog.querySelector('[data-zoom-stage]')!;
    this.image = dialog.querySelector('[data-zoom-image]')!;
    this.caption = dialog.querySelector('[data-zoom-title]')!;
    dialog.addEventListener('click', (event) => {
      const button = (event.target as Element).closest<HTMLElement>('[data-zoom-do]');
      if (button) this.act(button.dataset['zoomDo'] ?? '');
    });
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
