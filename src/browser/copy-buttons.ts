/**
 * `<button data-copy="text">` or `<button data-copy-from="id">` copies; `data-copied` is the word shown for a moment afterwards.
 * Give it the class `needs-scripts`.
 * `navigator.clipboard` exists on https and localhost only, so plain http takes the older road.
 */

const SHOWN_MS = 1500;

export function startCopyButtons(): void {
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-copy], [data-copy-from]');
    if (button) void copyFrom(button);
  });
}

async function copyFrom(button: HTMLElement): Promise<void> {
  const source = button.dataset['copyFrom'];
  const text = source ? textOf(document.getElementById(source)) : (button.dataset['copy'] ?? '');
  if (!(await copy(text))) return;
  const label = button.querySelector<HTMLElement>('[data-label]') ?? button;
  const before = label.textContent;
  const done = button.dataset['copied'];
  if (!done || before === done) return;
  label.textContent = done;
  setTimeout(() => (label.textContent = before), SHOWN_MS);
}

/** Of a link its address. The lines of a log are elements without line ends of their own. */
function textOf(element: HTMLElement | null): string {
  if (element instanceof HTMLAnchorElement) return element.href;
  return (element?.classList.contains('log') ? element.innerText : element?.textContent) ?? '';
}

/** Into the clipboard. @returns whether it is there. */
export async function copy(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true, className: 'visually-hidden' });
  const focused = document.activeElement as HTMLElement | null;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  focused?.focus();
  return done;
}
