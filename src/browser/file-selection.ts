/** `form[data-selection]`: a box that selects all, and the number of what is selected. The bar itself appears by style alone. */

export function startSelection(): void {
  document.addEventListener('change', (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>('form[data-selection]');
    if (!form) return;
    const all = form.querySelector<HTMLInputElement>('[data-select-all] input');
    if (event.target === all) for (const box of boxesOf(form)) box.checked = all?.checked ?? false;
    show(form);
  });
  document.addEventListener('live:merged', showSelection);
  showSelection();
}

/** Writes the numbers anew: browsers keep ticks over a reload, and the list may be a fresh one. */
export function showSelection(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-selection]')) show(form);
}

function show(form: HTMLFormElement): void {
  const boxes = boxesOf(form);
  const count = boxes.filter((box) => box.checked).length;
  const all = form.querySelector<HTMLInputElement>('[data-select-all] input');
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  for (const box of boxes) box.closest('tr')?.classList.toggle('picked', box.checked);
  const words = form.querySelector<HTMLElement>('[data-selected]');
  if (words) words.textContent = (words.dataset['selected'] ?? '').replace('{count}', String(count));
}

function boxesOf(form: HTMLFormElement): HTMLInputElement[] {
  return [...form.querySelectorAll<HTMLInputElement>('tbody input[type="checkbox"]')];
}
