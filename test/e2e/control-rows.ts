/// <reference lib="dom" />
import type { Page } from 'playwright-core';

/** How the controls of a part of a page lie. */
export interface ControlRows {
  /** What stands beside one another, from top to bottom, each by its accessible name or its words. */
  rows: string[][];
  /** Controls that lie over one another, or outside of the part; empty for good ones. */
  faults: string[];
}

/** Looks at the visible buttons, links, fields and words of state within an element. */
export function controlRows(page: Page, selector: string): Promise<ControlRows> {
  return page.locator(selector).evaluate((part) => {
    const all = [
      ...part.querySelectorAll<HTMLElement>(
        'a, button, select, label.check, .search, input[type="range"], .log-go, [role="status"], .meta',
      ),
    ];
    const seen = all.filter(
      (one) => one.checkVisibility() && one.getBoundingClientRect().width > 0 && !all.some((other) => other !== one && other.contains(one)),
    );
    const placed = seen
      .map((element) => ({ name: nameOf(element), box: element.getBoundingClientRect() }))
      .filter(({ box, name }) => box.height > 0 && name !== '');
    const rows: { bottom: number; names: string[] }[] = [];
    for (const { name, box } of [...placed].sort((one, other) => one.box.top - other.box.top)) {
      const row = rows.at(-1);
      if (row && box.top < row.bottom - 4) row.names.push(name);
      else rows.push({ bottom: box.bottom, names: [name] });
    }
    const outer = part.getBoundingClientRect();
    const faults = placed.flatMap(({ name, box }, index) => {
      const over = placed
        .slice(index + 1)
        .filter((other) => overlap(box, other.box))
        .map((other) => `${name} lies over ${other.name}`);
      return box.left < outer.left || box.right > outer.right + 0.5 ? [...over, `${name} is outside`] : over;
    });
    return { rows: rows.map(({ names }) => names), faults };

    function nameOf(element: HTMLElement): string {
      const field = element.querySelector('input');
      return element.getAttribute('aria-label') ?? field?.getAttribute('aria-label') ?? (element.textContent?.trim() || field?.id || '');
    }
    function overlap(one: DOMRect, other: DOMRect): boolean {
      return one.left < other.right - 0.5 && other.left < one.right - 0.5 && one.top < other.bottom - 0.5 && other.top < one.bottom - 0.5;
    }
  });
}
