/**
 * `<form data-preview="address">`: while somebody fills it in, the regions `#run-preview`, `#run-facts` and the word on the button are drawn anew by the server,
 * which knows how the command is made, and which runner could take it; what is wrong with changed fields is told beside them. `#run-standing` and `#run-hindrance` also follow the news of runners.
 * The form of a schedule asks as its button `[data-preview-button]` does, and `#schedule-times` says when that is.
 */
import { showFaults, watchFields } from './form/live-faults.js';
import { onNews } from './live.js';

const PAUSE_MS = 250;
const REGIONS = ['run-preview', 'run-facts', 'run-standing', 'run-hindrance', 'run-word', 'schedule-times'];

export function startRunPreview(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-preview]');
  const address = form?.dataset['preview'];
  if (!form || !address) return;
  let timer: number | undefined;
  let request: AbortController | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      request?.abort();
      request = new AbortController();
      void refresh(form, address, request.signal);
    }, PAUSE_MS);
  };
  watchFields(form);
  for (const type of ['input', 'change']) form.addEventListener(type, soon);
  onNews('runners', soon);
}

async function refresh(form: HTMLFormElement, address: string, signal: AbortSignal): Promise<void> {
  try {
    const button = form.querySelector<HTMLButtonElement>('[data-preview-button]');
    const body = new URLSearchParams(
      [...new FormData(form, button)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
    );
    const answer = await fetch(address, { method: 'POST', body, signal, headers: { accept: 'text/html' } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const id of REGIONS) {
      const region = document.getElementById(id);
      const incoming = fresh.getElementById(id);
      if (region && incoming && region.innerHTML !== incoming.innerHTML) region.replaceChildren(...incoming.childNodes);
    }
    showFaults(form, fresh);
  } catch {
    // Overtaken by the next keystroke, or the server is away: the command stays as it was, and Run tells.
  }
}
