import { Idiomorph } from './idiomorph.js';

/** Takes a region over from a fresh page; focus, open `<details>` and what somebody has typed survive. */
export function mergeRegion(region: Element, incoming: Element): void {
  Idiomorph.morph(region, incoming, {
    morphStyle: 'outerHTML',
    // Of a link or a region that has the focus everything is taken over; only what is being typed is the person's.
    ignoreActiveValue: document.activeElement?.matches('input, textarea, select') ?? false,
    callbacks: {
      beforeNodeMorphed: (existing, incoming) => {
        if (!(existing instanceof HTMLElement)) return true;
        if (incoming instanceof HTMLElement) keepGuess(existing, incoming);
        return !isLeftAlone(existing);
      },
      beforeAttributeUpdated: (name, element) => !(name === 'open' && element instanceof HTMLDetailsElement),
    },
  });
}

/**
 * The server guesses the end of a run as if it had told just now how far it is. The guess that was made nearer to that moment is the better
 * one; with the newer one the time left would jump up at each look.
 */
function keepGuess(existing: HTMLElement, incoming: HTMLElement): void {
  const [known, fresh] = [existing.dataset, incoming.dataset];
  const isTold = known['left'] !== undefined && fresh['left'] !== undefined && known['pacePercent'] !== undefined;
  if (!isTold || known['pacePercent'] !== fresh['pacePercent'] || known['paceSince'] !== fresh['paceSince']) return;
  if (Number(known['left']) < Number(fresh['left'])) fresh['left'] = known['left'];
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
