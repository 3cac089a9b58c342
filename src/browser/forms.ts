/**
 * Small help for forms, none of it needed: a form is sent once however often its button is pressed; `[data-submit-on-change]`
 * filters without a button; after a refused form the first field at fault has the focus.
 */

export function startForms(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== 'post') return;
    if (form.dataset['sent']) return event.preventDefault();
    form.dataset['sent'] = 'yes';
    event.submitter?.setAttribute('aria-busy', 'true');
  });
  // The page comes back as it was left when somebody goes back to it: let the form be sent again.
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sent]')) delete form.dataset['sent'];
    for (const button of document.querySelectorAll('[aria-busy="true"]')) button.removeAttribute('aria-busy');
  });
  document.addEventListener('change', (event) => {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    if (field.matches('[data-submit-on-change]')) field.form?.requestSubmit();
  });
  const wrong = document.querySelector<HTMLElement>('main :is([aria-invalid="true"], [data-wrong])');
  // Of several controls that are wrong together the one that is; a form that was just opened tells of rows made of files, which nobody has sent.
  const isUnsent = wrong?.closest('[data-table]') != null && wrong.closest('form[data-preview]:not([data-told])') !== null;
  if (wrong && !isUnsent) (wrong.querySelector<HTMLElement>('[aria-invalid="true"]') ?? wrong).focus();
}
