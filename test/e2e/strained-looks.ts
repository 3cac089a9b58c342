/// <reference lib="dom" />
import type { Page } from 'playwright-core';

/** So many stops of the Tab key are looked at: the frame of a page, and the first ones of what is in it. */
const STOPS = 14;

/** In the page: what is cut off or covered, or makes the page scroll sideways; empty for a good page. */
export function lookForLosses(): string[] {
  const CONTROLS = 'a[href], button, input:not([type="hidden"]), select, textarea, summary';
  const faults: string[] = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  const nameOf = (element: Element) =>
    `${element.tagName.toLowerCase()} “${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replaceAll(/\s+/g, ' ').slice(0, 40)}”`;
  const isSeen = (element: Element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    !element.closest('.visually-hidden, .skip, [aria-hidden="true"], svg, .openseadragon-container');
  if (scrollWidth > clientWidth) faults.push(`${scrollWidth - clientWidth} px too wide`);

  for (const control of document.querySelectorAll<HTMLElement>(CONTROLS)) {
    if (!isSeen(control)) continue;
    control.scrollIntoView({ block: 'center', inline: 'nearest' });
    const box = [...control.getClientRects()].find(({ width, height }) => width > 0 && height > 0);
    if (!box) continue;
    // Long names are cut with dots: what is seen of them is pressed.
    const within = control.closest('.clip')?.getBoundingClientRect() ?? box;
    const hit = document.elementFromPoint(
      (Math.max(box.left, within.left) + Math.min(box.right, within.right)) / 2,
      box.y + box.height / 2,
    );
    const isFree = hit && (control.contains(hit) || hit.contains(control) || hit.closest('label')?.control === control);
    if (!isFree) faults.push(`${nameOf(control)} is covered by ${hit ? nameOf(hit) : 'nothing that is on the screen'}`);
  }
  scrollTo(0, 0);

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const parent = node.parentElement;
    if (!parent || (node.textContent ?? '').trim() === '' || parent.closest('script, style, noscript, option, textarea') || !isSeen(parent))
      continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    for (let around: Element | null = parent; around && around !== document.body; around = around.parentElement) {
      const { overflowX, overflowY, textOverflow, clipPath } = getComputedStyle(around);
      if (clipPath !== 'none') break;
      // What scrolls can be read, and what is cut with dots is whole in its title.
      if (/auto|scroll/.test(overflowX + overflowY) || (textOverflow === 'ellipsis' && parent.closest('[title]'))) break;
      const box = around.getBoundingClientRect();
      const isCut =
        (overflowX !== 'visible' && (text.left < box.left - 2 || text.right > box.right + 2)) ||
        (overflowY !== 'visible' && (text.top < box.top - 4 || text.bottom > box.bottom + 4));
      if (isCut) faults.push(`${nameOf(parent)} is cut by ${around.tagName.toLowerCase()}.${around.className}`);
    }
  }
  return faults;
}

/** In the page: where only colours tell something that forced colours take away. */
export function lookForColours(): string[] {
  const faults: string[] = [];
  const styleOf = (element: Element) => {
    const style = getComputedStyle(element);
    return [
      ...['top', 'right', 'bottom', 'left'].map(
        (side) => style.getPropertyValue(`border-${side}-color`) + style.getPropertyValue(`border-${side}-width`),
      ),
      style.backgroundColor,
      style.textDecorationLine,
      style.outlineStyle,
    ].join(' ');
  };
  for (const state of document.querySelectorAll<HTMLElement>('[data-run-state]')) {
    if (state.checkVisibility() && (state.innerText.trim() === '' || !state.querySelector('svg')))
      faults.push(`a state without a word or an icon: ${state.outerHTML.slice(0, 80)}`);
  }
  for (const chosen of document.querySelectorAll(
    '[aria-current]:not([aria-current="page"]), nav a[aria-current], [aria-pressed="true"], [aria-selected="true"]',
  )) {
    const others = [...(chosen.parentElement?.children ?? [])].filter((one) => one !== chosen && one.tagName === chosen.tagName);
    if (others.length > 0 && others.every((other) => styleOf(other) === styleOf(chosen)))
      faults.push(`looks as those beside it: ${chosen.outerHTML.slice(0, 80)}`);
  }
  // Such a control is drawn by the browser, and a meter in colours of the person, with an edge.
  for (const control of document.querySelectorAll('input[type="checkbox"], input[type="radio"], input[type="range"], progress')) {
    const style = getComputedStyle(control);
    const isMeter = control instanceof HTMLProgressElement;
    const isDrawn = isMeter
      ? style.getPropertyValue('forced-color-adjust') === 'none' && style.borderTopWidth !== '0px'
      : style.appearance === 'auto';
    if (control.checkVisibility() && !isDrawn) faults.push(`cannot be read: ${control.outerHTML.slice(0, 80)}`);
  }
  return faults;
}

/** In the page: what moves, or would, for longer than a blink. */
export function lookForMotion(): string[] {
  const LONGEST_MS = 100;
  const running = document
    .getAnimations()
    .filter(({ playState, effect }) => playState === 'running' && Number(effect?.getComputedTiming().endTime) > LONGEST_MS);
  const longest = (times: string) =>
    Math.max(...times.split(',').map((time) => parseFloat(time) * (time.trim().endsWith('ms') ? 1 : 1000)));
  const waiting = [...document.querySelectorAll('*')].flatMap((element) =>
    [undefined, '::before', '::after']
      .filter((part) => {
        const { transitionDuration, animationDuration, animationName } = getComputedStyle(element, part);
        return longest(transitionDuration) > LONGEST_MS || (animationName !== 'none' && longest(animationDuration) > LONGEST_MS);
      })
      .map((part) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}${part ?? ''} moves`),
  );
  return [...running.map((animation) => `moves: ${(animation as CSSAnimation).animationName ?? 'something'}`), ...new Set(waiting)];
}

/** Goes through a page with the Tab key. @returns stops at which nobody would see where they are. */
export async function focusFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  await page.evaluate(() => scrollTo(0, 0));
  for (let stop = 0; stop < STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    const fault = await page.evaluate(lookAtFocus);
    if (fault !== '') faults.push(fault);
  }
  return faults;
}

/** In the page. */
function lookAtFocus(): string {
  const element = document.activeElement;
  if (!element || element === document.body) return '';
  const isRinged = (one: Element | null): boolean => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one ?? document.body);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  };
  const name = element.outerHTML.slice(0, 90);
  if (!isRinged(element) && !isRinged(element.parentElement) && !isRinged(element.closest('label'))) return `no ring around ${name}`;
  const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
  const clip = element.closest('.clip');
  if (clip && clip !== element && parseFloat(getComputedStyle(element).outlineOffset) >= 0) return `a ring that is cut off: ${name}`;
  const within = clip?.getBoundingClientRect() ?? box;
  const hit = document.elementFromPoint(
    (Math.max(0, box.left) + Math.min(box.right, within.right, innerWidth)) / 2,
    box.y + Math.min(box.height, innerHeight - box.y) / 2,
  );
  return hit && (element.contains(hit) || hit.contains(element) || hit.closest('label')?.contains(element)) ? '' : `out of sight: ${name}`;
}
