/**
 * Asks the server for what an open page renews by itself, without counting as a person who does something. While the server cannot be
 * reached the root of the page has `data-server="away"`, and the style sheet shows the sentence that says so.
 */
const PATIENCE_MS = 30_000;
/** One failure may be a page that is left, or a machine that wakes up. */
const FAILURES = 2;

let failures = 0;
let isBack: (() => void) | undefined;

/** @param handle called when the server is reached again. */
export function whenServerIsBack(handle: () => void): void {
  isBack = handle;
}

/** @throws an error when the server is away, or answers that it cannot answer now. */
export async function ask(address: string, accept = 'text/html'): Promise<Response> {
  try {
    const headers = { accept, 'x-live': 'yes' };
    const answer = await fetch(address, { headers, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status >= 500) throw new Error(String(answer.status));
    noteReached();
    return answer;
  } catch (error) {
    noteFailure();
    throw error;
  }
}

function noteFailure(): void {
  failures += 1;
  if (failures !== FAILURES) return;
  document.documentElement.dataset['server'] = 'away';
  say(document.getElementById('live-away')?.textContent ?? '');
}

function noteReached(): void {
  const wasAway = failures >= FAILURES;
  failures = 0;
  if (!wasAway) return;
  delete document.documentElement.dataset['server'];
  say('');
  isBack?.();
}

/** In the page's one line for what happens by itself. */
export function say(sentence: string): void {
  const line = document.getElementById('live-status');
  if (line && line.textContent !== sentence) line.textContent = sentence;
}
