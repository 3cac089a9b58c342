/** The theme forms work by themselves; here they change the page without loading it again. */

export function startTheme(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches('[data-theme-form]')) return;
    const button = event.submitter as HTMLButtonElement | null;
    if (!button) return;
    event.preventDefault();
    void choose(form, button);
  });
}

async function choose(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const theme = button.value;
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['bsTheme'];
  else root.dataset['bsTheme'] = theme;
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
  body.set('theme', theme);
  const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => null);
  // A redirect is opaque here, and means that the choice was kept. Anything else is for the server to explain.
  if (answer?.type !== 'opaqueredirect') submitAsUsual(form, theme);
}

function submitAsUsual(form: HTMLFormElement, theme: string): void {
  const field = Object.assign(document.createElement('input'), { type: 'hidden', name: 'theme', value: theme });
  form.append(field);
  form.submit();
}
