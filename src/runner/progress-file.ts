import { DomainError } from '../common/errors';
import { PROGRESS_FILE } from '../common/files/progress-file-name';
import type { SafeDirectory } from '../common/files/safe-directory';
import { toPercent, type Progress } from './progress-pattern';

const PATH = [Buffer.from(PROGRESS_FILE)];
const MOST_BYTES = 4096;

/** What the program has written last; null while it has written nothing that can be read. Never throws: progress is a courtesy. */
export async function readProgressFile(results: SafeDirectory): Promise<Progress | null> {
  try {
    const { handle, size } = await results.openFile(PATH);
    try {
      const from = Math.max(0, size - MOST_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, from);
      return parseProgress(buffer.subarray(0, bytesRead).toString('utf8'));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

export function hasProgressFile(results: SafeDirectory): Promise<boolean> {
  return results.exists(PATH);
}

/** So that it does not pass for a result. */
export async function removeProgressFile(results: SafeDirectory): Promise<void> {
  await results.remove(PATH);
}

/**
 * The last line that says something: `42%`, `42% segmenting`, `3/10`, `3/10 segmenting`, `{"percent": 42, "text": "…"}` or
 * `{"done": 3, "total": 10, "text": "…"}`.
 */
export function parseProgress(content: string): Progress | null {
  const lines = content.split(/[\r\n]+/);
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = (lines[at] ?? '').trim();
    const found = line.startsWith('{') ? fromJson(line) : fromWords(line);
    if (found) return found;
  }
  return null;
}

function fromWords(line: string): Progress | null {
  const match = /^(?:(\d{1,3}(?:\.\d{1,9})?)\s?%|(\d{1,15})\s?\/\s?(\d{1,15}))(?:[\s:,-]+(\S.*))?$/u.exec(line);
  if (!match) return null;
  const [, percent, done, total, text] = match;
  return toProgress(percent === undefined ? share(done, total) : Number(percent), text);
}

function fromJson(line: string): Progress | null {
  try {
    const { percent, done, total, text } = JSON.parse(line) as Record<string, unknown>;
    const number = typeof percent === 'number' ? percent : share(done, total);
    return toProgress(number, typeof text === 'string' ? text : undefined);
  } catch {
    // The program is in the middle of writing it.
    return null;
  }
}

function toProgress(share: number, text: string | undefined): Progress | null {
  const percent = toPercent(share);
  return percent === null && !text ? null : { percent, text: text ?? null };
}

function share(done: unknown, total: unknown): number {
  return done === undefined ? Number.NaN : (Number(done) / Number(total)) * 100;
}
