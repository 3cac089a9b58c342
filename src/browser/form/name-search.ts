import type { FoundNames, SortedNames } from './found-names.js';

/** The names of one source. @param place element with `data-source` and, where the names are of a run, `data-run-field`. */
export class NameSearch {
  constructor(private readonly place: HTMLElement) {}

  /** @throws when the server does not answer. */
  async find(typed: string, signal?: AbortSignal): Promise<FoundNames> {
    const query = new URLSearchParams({ q: typed, run: this.run() });
    return read<FoundNames>(await fetch(`${this.address()}?${query}`, { headers: { accept: 'application/json' }, signal: signal ?? null }));
  }

  /** Which of pasted names there are. */
  async sort(names: string): Promise<SortedNames> {
    const csrf = document.querySelector<HTMLInputElement>('#run-form [name="_csrf"]')?.value ?? '';
    const body = new URLSearchParams({ _csrf: csrf, names, run: this.run() });
    return read<SortedNames>(await fetch(`${this.address()}/known`, { method: 'POST', body, headers: { accept: 'application/json' } }));
  }

  private address(): string {
    return this.place.dataset['source'] ?? '';
  }

  private run(): string {
    const field = document.getElementById(this.place.dataset['runField'] ?? '') as HTMLSelectElement | null;
    return field?.value ?? '';
  }
}

async function read<Answer>(answer: Response): Promise<Answer> {
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return (await answer.json()) as Answer;
}
