/// <reference lib="dom" />
import type { Page } from 'playwright-core';

const MOST_PRESSES = 250;
const LEAST_OUTLINE_PX = 2;

/** Where the focus is, and how it can be seen. */
interface Focus {
  /** Its accessible name, or its words. */
  name: string;
  tag: string;
  /** Empty when it can be seen well. */
  faults: string[];
  /** Whether it is what was asked for, or nothing is any more. */
  isThere: boolean;
}

/** Somebody without a mouse: presses keys, and minds whether they see where they are. */
export class Keyboard {
  /** What they could not see on the way, each once. */
  readonly faults = new Set<string>();

  constructor(readonly page: Page) {}

  /** Presses Tab until the focus is on something of this name. @param tag where names are not enough. */
  async to(name: string | RegExp, { tag = '', back = false } = {}): Promise<void> {
    const passed: string[] = [];
    for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
      const focus = await this.tab(back);
      const fits = typeof name === 'string' ? focus.name === name : name.test(focus.name);
      if (fits && (tag === '' || tag === focus.tag)) return;
      passed.push(focus.name);
    }
    throw new Error(`Tab never gets to ${String(name)}; it passed ${[...new Set(passed)].join(' | ')}`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** @param selector of what is looked for. */
  async tab(back = false, selector = ''): Promise<Focus> {
    await this.press(back ? 'Shift+Tab' : 'Tab');
    const focus = await this.focus(selector);
    for (const fault of focus.faults) this.faults.add(`${new URL(this.page.url()).pathname.replaceAll(/[0-9a-f-]{36}/g, 'ID')}: ${fault}`);
    return focus;
  }

  focus(selector = ''): Promise<Focus> {
    return this.page.evaluate(lookAtFocus, { leastOutline: LEAST_OUTLINE_PX, selector });
  }

  /**
   * Goes through the whole page and back again, and notes what has the focus unseen.
   * @returns how often Tab is pressed until the focus has left the page.
   */
  async walk(): Promise<number> {
    await this.page.evaluate(() => {
      (document.activeElement as HTMLElement | null)?.blur();
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute('tabindex');
    });
    await this.untilFocus('.skip', false);
    const forth = await this.untilFocus('.skip, body', false);
    const back = await this.untilFocus('.skip', true);
    // Some browsers pass from the last place to the first at once, some stop before.
    if (Math.abs(forth - back) > 1) this.faults.add(`${this.page.url()}: ${forth} presses to its end, ${back} to its start`);
    return forth;
  }

  private async untilFocus(selector: string, back: boolean): Promise<number> {
    for (let presses = 1; presses < MOST_PRESSES * 2; presses += 1) {
      if ((await this.tab(back, selector)).isThere) return presses;
    }
    throw new Error(`${this.page.url()}: Tab never gets to ${selector}`);
  }
}

/** Runs in the page. */
function lookAtFocus({ leastOutline, selector }: { leastOutline: number; selector: string }): Focus {
  const element = document.activeElement;
  const isThere = selector !== '' && (element?.matches(selector) ?? true);
  if (!element || element === document.body) return { name: '', tag: 'body', faults: [], isThere };
  const control = element as HTMLInputElement;
  const words = (node: Element | null | undefined) => (node?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
  const name = element.getAttribute('aria-label') ?? (words(control.labels?.[0]) || words(element) || element.id);
  const what = `${element.tagName.toLowerCase()} "${name.slice(0, 60)}"`;
  const faults: string[] = [];
  if (!chain(element).some(hasOutline)) faults.push(`no outline around ${what}`);
  if (!isSeen(element)) faults.push(`hidden behind something or out of sight: ${what}`);
  if (element instanceof HTMLElement && element.tabIndex > 0) faults.push(`out of order: ${what}`);
  return { name, tag: element.tagName.toLowerCase(), faults, isThere };

  /** It, and what stands for it: the part around it, and the label of a box that is drawn by it. */
  function chain(of: Element): Element[] {
    const around = [of, of.parentElement, of.parentElement?.parentElement, of.nextElementSibling];
    return around.filter((one): one is Element => Boolean(one) && one !== document.body);
  }
  function hasOutline(one: Element): boolean {
    const { outlineStyle, outlineWidth, outlineColor, opacity } = getComputedStyle(one);
    return (
      opacity !== '0' && outlineStyle !== 'none' && parseFloat(outlineWidth) >= leastOutline && !/, 0\)$|transparent/.test(outlineColor)
    );
  }
  /** Whether some part of it is on top: a frame holds its own. */
  function isSeen(one: Element): boolean {
    const box = one.getBoundingClientRect();
    const label = (one as HTMLInputElement).labels?.[0];
    if (box.width <= 4 || box.height <= 4) return label ? label !== one && isSeen(label) : false;
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    if (right <= left || bottom <= top) return false;
    return [0.5, 0.15, 0.85].some((share) => {
      const found = document.elementFromPoint(left + (right - left) * share, top + (bottom - top) / 2);
      return found !== null && (one.contains(found) || found.contains(one) || label?.contains(found) === true) && found !== document.body;
    });
  }
}
