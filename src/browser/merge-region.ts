import { Idiomorph } from './idiomorph.js';

/** Takes a region over from a fresh page; focus, open `<details>` and what somebody has typed survive. */
export function mergeRegion(region: Element, incoming: Element): void {
  Idiomorph.morph(region, incoming, {
    morphStyle: 'outerHTML',
    // Of a link or a region that has the focus everything is taken over; only what is being typed is the person's.
    ignoreActiveValue: document.activeElement?.matches('input, textarea, select') ?? false,
    callbacks: {
      beforeNodeMorphed: (existing) => !(existing instanceof HTMLElement) || !isLeftAlone(existing),
      beforeAttributeUpdated: (name, element) => !(name === 'open' && element instanceof HTMLDetailsElement),
    },
  });
}

function isLeftAlone(element: HTMLElement): boolean {
  if (element.hasAttribute('data-keep')) return true;
  if (element instanceof HTMLInputElement) {
    return element.value !== element.defaultValue || element.checked !== element.defaultChecked || (element.files?.length ?? 0) > 0;
  }
  if (element instanceof HTMLTextAreaElement) return element.value !== element.defaultValue;
  if (element instanceof HTMLSelectElement) return [...element.options].some((option) => option.selected !== option.defaultSelected);
  return false;
}
