import { readFully } from '../http/byte-stream';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { previewText, type TextPreview } from './result-preview';
import type { ResultFile } from './result-tree';

const READ_BYTES = 512 * 1024;
const SHOWN_LENGTH = 64 * 1024;
const MOST_DEPTH = 40;
const SHORT_LENGTH = 72;
/** A text, or a sign, or whatever stands between signs: a number or a word. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** As `previewText`; what is JSON, and not too long to be read as a whole, is laid out in lines. Numbers stay as they are written. */
export async function previewJson(
  results: SafeDirectory,
  result: { file: Pick<ResultFile, 'path' | 'shown'> },
): Promise<TextPreview | null> {
  const { handle, size } = await results.openFile(result.file.path);
  try {
    if (size > READ_BYTES) return await previewText(results, result);
    const bytes = Buffer.alloc(size);
    await readFully(handle, bytes, 0);
    const laidOut = layOutJson(bytes.toString('utf8'));
    return laidOut === null ? await previewText(results, result) : { ...laidOut, encoding: 'utf-8' };
  } finally {
    await handle.close();
  }
}

/** @returns null for what is no JSON, or is nested so deeply that its indents would be all that is seen. */
export function layOutJson(source: string): { text: string; more: boolean } | null {
  if (!isJson(source)) return null;
  const layout = new Layout(source.match(TOKEN) ?? []);
  const lines = layout.lines();
  return lines === null ? null : { text: lines, more: layout.isCut };
}

function isJson(source: string): boolean {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

/** Lays tokens out; short lists stand in one line. Walks them once, however they are nested. */
class Layout {
  isCut = false;
  private out = '';
  private depth = 0;

  constructor(private readonly tokens: readonly string[]) {}

  lines(): string | null {
    for (let at = 0; at < this.tokens.length && !this.isCut; at += 1) {
      const token = this.tokens[at];
      const end = token === '[' || token === '{' ? this.endOfShort(at) : null;
      if (end !== null) {
        this.out += this.inOneLine(at, end);
        at = end;
      } else this.put(token);
      if (this.depth > MOST_DEPTH) return null;
      if (this.out.length > SHOWN_LENGTH) this.isCut = true;
    }
    return this.isCut ? this.out.slice(0, SHOWN_LENGTH) : this.out;
  }

  private put(token: string): void {
    if (token === '[' || token === '{') {
      this.depth += 1;
      this.out += token + this.lineBreak();
    } else if (token === ']' || token === '}') {
      this.depth -= 1;
      this.out += this.lineBreak() + token;
    } else if (token === ',') this.out += token + this.lineBreak();
    else this.out += token === ':' ? ': ' : token;
  }

  private lineBreak(): string {
    return `\n${'  '.repeat(this.depth)}`;
  }

  /** Where a list or record ends that holds no other and fits into a line; null for any other. */
  private endOfShort(begin: number): number | null {
    let length = 0;
    for (let at = begin + 1; at < this.tokens.length; at += 1) {
      const token = this.tokens[at];
      length += token.length + 1;
      if (token === ']' || token === '}') return at;
      if (token === '[' || token === '{' || length > SHORT_LENGTH) return null;
    }
    return null;
  }

  private inOneLine(begin: number, end: number): string {
    const inside = this.tokens.slice(begin + 1, end).map((token) => (token === ',' || token === ':' ? `${token} ` : token));
    const [left, right] = [this.tokens[begin], this.tokens[end]];
    return inside.length === 0 ? left + right : left === '{' ? `{ ${inside.join('')} }` : `[${inside.join('')}]`;
  }
}
