import type { FileToSend } from './dropped-files.js';

/** How one file fared. `name` is what the server called it; `message` its reason for refusing. */
export type Outcome = { kind: 'stored'; name: string } | { kind: 'refused'; message: string } | { kind: 'broken' } | { kind: 'cancelled' };

export interface Sending {
  done: Promise<Outcome>;
  cancel(): void;
}

interface Answer {
  stored?: { name: string }[];
  refused?: { message: string }[];
  error?: { message: string };
}

/** Sends one file by itself. XMLHttpRequest, because `fetch` does not tell how much has gone out. */
export function send(address: string, token: string, { file, path }: FileToSend, onProgress: (sent: number) => void): Sending {
  const request = new XMLHttpRequest();
  const body = new FormData();
  // The token goes first: the server checks it before it keeps a byte.
  body.append('_csrf', token);
  body.append('files', file, path);
  const done = new Promise<Outcome>((resolve) => {
    request.upload.addEventListener('progress', (event) => onProgress(Math.min(event.loaded, file.size)));
    request.addEventListener('load', () => resolve(outcomeOf(request)));
    request.addEventListener('error', () => resolve({ kind: 'broken' }));
    request.addEventListener('timeout', () => resolve({ kind: 'broken' }));
    request.addEventListener('abort', () => resolve({ kind: 'cancelled' }));
  });
  request.open('POST', address);
  request.setRequestHeader('Accept', 'application/json');
  request.send(body);
  return { done, cancel: () => request.abort() };
}

function outcomeOf(request: XMLHttpRequest): Outcome {
  const answer = parse(request.responseText);
  const name = answer?.stored?.[0]?.name;
  if (name !== undefined) return { kind: 'stored', name };
  const message = answer?.refused?.[0]?.message ?? answer?.error?.message;
  return message === undefined ? { kind: 'broken' } : { kind: 'refused', message };
}

function parse(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return null;
  }
}
