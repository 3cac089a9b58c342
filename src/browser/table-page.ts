/**
 * The page of a table, `<div id="table-page" data-here="address">`: other rows, orders and filters are fetched and shown in place, work
 * that goes on is asked for until it is done, and a bar of a histogram filters to its range. Without scripts all of it are links and forms.
 */
import { mergeRegion } from './merge-region.js';

const REGIONS = ['table-facts', 'table-export', 'table-notes', 'table-look', 'table-form', 'table-panel'];
/** The server holds the answer for a while where there is none yet. */
const PATIENCE = { 'x-table-wait': '1', accept: 'text/html' };
const AGAIN_MS = 150;

/** Takes over the page of a table, if this is one. */
export function startTablePage(): void {
  const page = document.getElementById('table-page');
  if (page) new TablePage(page).start();
}

class TablePage {
  private going: AbortController | undefined;
  private readonly path = location.pathname;

  constructor(private readonly page: HTMLElement) {}

  start(): void {
    document.addEventListener('click', (event) => this.clicked(event));
    document.addEventListener('submit', (event) => this.submitted(event));
    document.addEventListener('change', (event) => {
      const field = event.target as HTMLElement;
      if (field.matches('[data-table-submit]')) (field as HTMLSelectElement).form?.requestSubmit();
    });
    window.addEventListener('popstate', () => void this.go(location.href, 'none'));
    this.showMarked();
    this.comeBack();
  }

  private clicked(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement | SVGElement>('[data-table-go]');
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    const address = target instanceof HTMLAnchorElement ? target.href : (target.dataset['tableGo'] ?? '');
    void this.go(address, 'push', target.dataset['tableGo']);
  }

  private submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (form.id !== 'table-form' && !form.matches('[data-table-form]')) return;
    event.preventDefault();
    const address = new URL(form.action);
    // Empty fields say nothing, and the address is one to be passed on.
    for (const [name, value] of new FormData(form))
      if (typeof value === 'string' && value.trim() !== '') address.searchParams.set(name, value);
    void this.go(address.href, 'push', 'top');
  }

  /** Fetches a part of the table and shows it; what was being fetched before is no longer waited for. */
  private async go(address: string, history: 'push' | 'replace' | 'none', scroll?: string): Promise<void> {
    this.going?.abort();
    const going = new AbortController();
    this.going = going;
    this.page.classList.add('table-going');
    try {
      const answer = await fetch(address, { headers: PATIENCE, cache: 'no-store', signal: going.signal });
      const made = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const there = made.getElementById('table-page');
      if (!answer.ok || !there) return location.assign(address);
      if (history === 'push' && answer.url !== location.href) window.history.pushState(null, '', answer.url);
      this.show(made, there, scroll);
    } catch {
      if (!going.signal.aborted) this.say(this.page.dataset['failed'] ?? '');
    } finally {
      if (this.going === going) this.page.classList.remove('table-going');
    }
  }

  private show(made: Document, there: HTMLElement, scroll?: string): void {
    const scroller = document.getElementById('table-scroll');
    const focused = document.activeElement?.id;
    this.settleFields(made);
    // A body of other rows is put in as it is; finding out what is alike in it takes longer.
    const [body, madeBody] = [document.getElementById('table-body'), made.getElementById('table-body')];
    if (body && madeBody) body.innerHTML = madeBody.innerHTML;
    for (const id of REGIONS) {
      const [old, fresh] = [document.getElementById(id), made.getElementById(id)];
      if (old && fresh) mergeRegion(old, fresh);
    }
    if (there.dataset['working'] === undefined) delete this.page.dataset['working'];
    else this.page.dataset['working'] = '';
    this.page.dataset['here'] = there.dataset['here'] ?? '';
    document.title = made.title;
    if (scroller && scroll === 'top') scroller.scrollTop = 0;
    if (scroller && scroll === 'left') scroller.scrollLeft = 0;
    // A link that led here may be gone: whoever uses the keyboard goes on in the table.
    if (focused && !document.getElementById(focused)) scroller?.focus();
    else if (document.activeElement === document.body && scroll !== undefined) scroller?.focus({ preventScroll: true });
    this.showMarked();
    this.comeBack();
  }

  /** Scrolls the table, not the page. */
  private showMarked(): void {
    const row = document.querySelector<HTMLElement>('#table-body .picked');
    const scroller = document.getElementById('table-scroll');
    if (row && scroller) scroller.scrollTop = row.offsetTop - scroller.clientHeight / 2;
  }

  /** What was typed and sent is what the fields hold from now on, so that a fresh page may change them. */
  private settleFields(made: Document): void {
    for (const field of this.page.querySelectorAll<HTMLInputElement>('#table-panel input[id]')) {
      field.defaultValue = field.value;
      const fresh = made.getElementById(field.id) as HTMLInputElement | null;
      if (fresh && field !== document.activeElement) field.value = field.defaultValue = fresh.defaultValue;
      else if (fresh) fresh.defaultValue = field.value;
    }
  }

  /** As long as something is being done. */
  private comeBack(): void {
    const { page } = this;
    if (page.dataset['working'] === undefined || location.pathname !== this.path) return;
    const { going } = this;
    setTimeout(() => {
      if (this.going === going && page.isConnected) void this.go(location.href, 'none');
    }, AGAIN_MS);
  }

  private say(words: string): void {
    const status = document.getElementById('table-status');
    if (status) status.textContent = words;
  }
}
