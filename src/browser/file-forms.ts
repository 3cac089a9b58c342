/**
 * Forms and links of the list of files that work in place: `form[data-in-place]`, `a[data-same-list]`. A button with `data-leaves` leads to
 * a page of its own and is left to the browser.
 */
import { entries, focusEntry, selected } from './file-list.js';
import { renameInPlace } from './file-rename.js';
import { goInPlace, reasonOf, tell } from './in-place.js';
import { sentence } from './browse-words.js';

export function startFileForms(): void {
  // Before others hear of it, who would take the form for sent.
  document.addEventListener('submit', (event) => take(event), { capture: true });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-same-list]') : null;
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void follow(link);
  });
  document.addEventListener('toggle', (event) => showField(event.target), { capture: true });
  window.addEventListener('popstate', () => void goInPlace(location.href, { history: 'none' }));
}

/** A form that opens is there to be typed into. */
function showField(target: EventTarget | null): void {
  if (target instanceof HTMLDetailsElement && target.open && target.id === 'new-folder')
    target.querySelector<HTMLElement>('input:not([type="hidden"])')?.focus();
}

function take(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const button = event.submitter as HTMLButtonElement | null;
  if (!form.matches('[data-in-place]') || button?.hasAttribute('data-leaves')) return;
  const entry = button?.closest<HTMLElement>('[data-entry]');
  event.preventDefault();
  if (button?.hasAttribute('data-rename') && entry) {
    button.closest('details')?.removeAttribute('open');
    return void renameInPlace(entry);
  }
  void send(form, button);
}

async function send(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<void> {
  if (form.dataset['busy']) return;
  form.dataset['busy'] = 'yes';
  const next = neighbourOf(button);
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) if (typeof value === 'string') fields.append(name, value);
  const answer = await goInPlace(button?.getAttribute('formaction') ? button.formAction : form.action, {
    body: fields,
    history: 'replace',
  });
  delete form.dataset['busy'];
  if (answer.kind === 'failed') return tell(sentence('jsFailed'));
  if (answer.kind === 'other') return tell(reasonOf(answer.page));
  if (form.dataset['inPlace'] === 'layout') return;
  if (answer.ok && form.closest('#new-folder')) form.reset();
  focusAfter(next);
}

/** The entry that stands where one was that goes. */
function neighbourOf(button: HTMLButtonElement | null): HTMLElement | undefined {
  const own = button?.closest<HTMLElement>('[data-entry]');
  const going = own ? [own] : selected();
  const all = entries();
  const last = all.indexOf(going.at(-1)!);
  if (last === -1) return undefined;
  return all.slice(last + 1).find((entry) => !going.includes(entry)) ?? all.filter((entry) => !going.includes(entry)).at(-1);
}

/** Focus that was on something that went stays in the list. */
function focusAfter(next: HTMLElement | undefined): void {
  const invalid = document.querySelector<HTMLElement>('#files-panel [aria-invalid="true"]');
  if (invalid) return invalid.focus();
  const fresh = entries().find((entry) => entry.hasAttribute('data-at'));
  if (fresh) return focusEntry(fresh);
  if (document.activeElement !== null && document.activeElement !== document.body && document.activeElement.closest('#files-panel')) return;
  const target = next?.isConnected ? next : entries()[0];
  if (target) focusEntry(target);
}

async function follow(link: HTMLAnchorElement): Promise<void> {
  const { id } = link;
  const answer = await goInPlace(link.href, { history: 'push' });
  if (answer.kind !== 'shown') return location.assign(link.href);
  const again = id === '' ? null : document.getElementById(id);
  if (again) again.focus();
  else if (entries()[0]) focusEntry(entries()[0]);
}
