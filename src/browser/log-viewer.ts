/** The page of a log, `<section id="log-viewer" data-log="address">`: any place of it, following, wrapping, links to lines. */
import { LogSearch } from './log-search.js';
import { LogWindow } from './log-window.js';
import { atOf, fill, Gone, readWords, type LogAddress } from './log-rows.js';

const EVERY_MS = 700;
const EVERY_MS_AFTER_FAILURE = 5000;
const SLIDER_STEPS = 1000;
const WRAP = 'showrunner-log-wrap';

/** Takes over the page of a log, if this is one. */
export function startLogViewer(): void {
  const section = document.getElementById('log-viewer');
  if (section) new LogViewer(section).start();
}

class LogViewer {
  private readonly log: HTMLElement;
  private readonly window: LogWindow;
  private readonly search: LogSearch;
  private readonly words = readWords();
  private attempt: number;
  private scrolledByUs = 0;

  constructor(private readonly section: HTMLElement) {
    const { log = '', attempt = '1', attemptChosen } = section.dataset;
    const address: LogAddress = { base: log, attempt: attemptChosen === undefined ? undefined : attempt };
    this.attempt = Number(attempt);
    this.log = section.querySelector<HTMLElement>('.log')!;
    this.window = new LogWindow(this.log, address, this.words, () => this.refresh());
    this.search = new LogSearch(section, this.window, this.words);
  }

  start(): void {
    this.startWrap();
    this.startPlaces();
    this.search.start();
    const here = this.log.querySelector<HTMLElement>('.here');
    if (here) this.log.scrollTop = here.offsetTop - this.log.clientHeight / 3;
    else if (this.log.dataset['atEnd'] !== undefined) this.toEnd();
    else this.log.scrollTop = 0;
    this.log.addEventListener('scroll', () => this.scrolled(), { passive: true });
    this.follow()?.addEventListener('change', () => this.follow()?.checked && void this.live());
    window.addEventListener('hashchange', () => this.toHash());
    this.toHash();
    this.refresh();
    if (this.section.dataset['grows'] !== undefined) void this.look();
  }

  /** `#L123` in an address that somebody typed. */
  private toHash(): void {
    const line = /^#L(\d{1,15})$/.exec(location.hash)?.[1];
    if (line) this.go({ line: Number(line) }, true);
  }

  private async look(): Promise<void> {
    let delay = EVERY_MS;
    if (!document.hidden) {
      try {
        const news = await this.window.news(this.follow()?.checked ?? false);
        if (news && news.attempt !== this.attempt && !this.window.address.attempt) {
          this.attempt = news.attempt;
          this.window.clear();
        } else if (news) {
          if (this.follow()?.checked) await this.catchUp();
          this.refresh();
          if (!news.grows && this.window.hasEnd) return this.ended();
        }
      } catch (error) {
        if (error instanceof Gone) return;
        delay = EVERY_MS_AFTER_FAILURE;
      }
    }
    if (this.log.isConnected) setTimeout(() => void this.look(), delay);
  }

  private async catchUp(): Promise<void> {
    if (this.window.hasEnd) this.toEnd();
    else await this.window.toEnd();
  }

  private ended(): void {
    delete this.section.dataset['grows'];
    this.follow()?.closest('label')?.remove();
    this.refresh();
  }

  private scrolled(): void {
    // A scroll of ours is told of later, when more may stand below already.
    const box = this.follow();
    if (box && this.log.scrollTop !== this.scrolledByUs) box.checked = this.window.isAtEnd;
    this.refresh();
    void this.window.fillUp().catch(() => undefined);
  }

  private toEnd(): void {
    this.window.scrollToEnd();
    this.scrolledByUs = this.log.scrollTop;
  }

  /** Back to the end, and stay there. */
  private async live(): Promise<void> {
    const box = this.follow();
    if (box) box.checked = true;
    if (!this.window.hasEnd) await this.window.toEnd();
    this.toEnd();
    this.refresh();
  }

  private go(place: { at: number } | { line: number }, mark: boolean): void {
    const box = this.follow();
    if (box) box.checked = false;
    void this.window.toPlace(place, mark).catch(() => undefined);
  }

  private startPlaces(): void {
    this.section.addEventListener('click', (event) => {
      const target = event.target as Element;
      const act = target.closest<HTMLElement>('[data-log-do]')?.dataset['logDo'];
      if (act === 'first') this.go({ at: 0 }, false);
      else if (act === 'last' || act === 'live') void this.live();
      else if (target.closest('.n') && !hasModifier(event)) this.linkTo(target.closest<HTMLAnchorElement>('.n')!);
      else return;
      event.preventDefault();
    });
    this.section.querySelector('[data-log-go]')?.addEventListener('submit', (event) => {
      const line = Number(this.section.querySelector<HTMLInputElement>('#log-line')?.value);
      if (!Number.isSafeInteger(line) || line < 1) return;
      event.preventDefault();
      const box = this.follow();
      if (box) box.checked = false;
      // A line that there is not is told by the page itself.
      void this.window.toPlace({ line }, true).catch(() => (event.target as HTMLFormElement).submit());
    });
    this.slider()?.addEventListener('input', () => {
      const place = Number(this.slider()?.value) / SLIDER_STEPS;
      if (place === 1) void this.live();
      else this.go({ at: Math.floor(this.window.size * place) }, false);
    });
  }

  /** The address of the page becomes one of this row. */
  private linkTo(link: HTMLAnchorElement): void {
    this.log.querySelector('.here')?.classList.remove('here');
    link.parentElement?.classList.add('here');
    history.replaceState(null, '', link.href);
  }

  private startWrap(): void {
    const box = this.section.querySelector<HTMLInputElement>('#log-wrap');
    if (!box) return;
    const wrap = () => {
      const top = this.window.topRow();
      this.log.classList.toggle('wrapped', box.checked);
      if (this.follow()?.checked) this.toEnd();
      else if (top) this.log.scrollTop = top.offsetTop;
    };
    box.checked = localStorage.getItem(WRAP) === 'yes';
    box.addEventListener('change', () => {
      localStorage.setItem(WRAP, box.checked ? 'yes' : 'no');
      wrap();
    });
    if (box.checked) wrap();
  }

  private refresh(): void {
    const { size, lines, isAtEnd } = this.window;
    const slider = this.slider();
    if (slider && document.activeElement !== slider) {
      const place = isAtEnd || size === 0 ? 1 : atOf(this.window.topRow()) / size;
      slider.value = String(Math.min(SLIDER_STEPS - 1, Math.floor(place * SLIDER_STEPS)) + (isAtEnd ? 1 : 0));
    }
    if (slider) slider.ariaValueText = fill(slider.dataset['words'], { percent: Math.round(Number(slider.value) / 10) });
    const count = this.section.querySelector('[data-log-lines]');
    const said = lines === null ? '' : fill(this.words['lines'], { count: lines });
    if (count && said && count.textContent !== said) count.textContent = said;
    const back = this.section.querySelector<HTMLElement>('[data-log-do="live"]');
    if (back) back.hidden = this.section.dataset['grows'] === undefined || (this.follow()?.checked ?? true);
  }

  private follow(): HTMLInputElement | null {
    return this.section.querySelector<HTMLInputElement>('#log-follow');
  }

  private slider(): HTMLInputElement | null {
    return this.section.querySelector<HTMLInputElement>('#log-place');
  }
}

function hasModifier({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return ctrlKey || metaKey || shiftKey || altKey;
}
