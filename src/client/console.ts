import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { formatBytes } from '../browser/amounts';
import { ClientError, EXIT } from './failures';

const BAR = 24;
const DRAW_EVERY_MS = 120;

/** What the person at the shell sees: results on standard output, how it goes on standard error. */
export class Console {
  private shown = 0;
  private hasBar = false;

  constructor(
    readonly isJson: boolean,
    private readonly isQuiet: boolean,
  ) {}

  /** A result: as JSON, or in words. */
  result(json: unknown, words: string): void {
    process.stdout.write(this.isJson ? `${JSON.stringify(json, null, 2)}\n` : words === '' ? '' : `${words}\n`);
  }

  /** How it goes. */
  say(sentence: string): void {
    this.clear();
    if (!this.isQuiet) process.stderr.write(`${sentence}\n`);
  }

  /** A part of a log, as it came. */
  log(bytes: string): void {
    this.clear();
    (this.isJson ? process.stderr : process.stdout).write(bytes);
  }

  /** A bar where a person looks; nothing elsewhere. */
  progress(name: string, done: number, whole: number): void {
    if (this.isQuiet || !process.stderr.isTTY || Date.now() - this.shown < DRAW_EVERY_MS) return;
    this.shown = Date.now();
    const part = whole === 0 ? 1 : done / whole;
    const bar = '█'.repeat(Math.round(part * BAR)).padEnd(BAR, '░');
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    this.hasBar = true;
    process.stderr.write(`\r\u001b[K${bar} ${percent}  ${formatBytes(done)} of ${formatBytes(whole)}  ${name.slice(-40)}`);
  }

  clear(): void {
    if (this.hasBar) process.stderr.write('\r\u001b[K');
    this.hasBar = false;
  }

  /** @throws ClientError where nobody can be asked. */
  async ask(question: string, { hidden = false } = {}): Promise<string> {
    if (!process.stdin.isTTY) throw new ClientError(`${question} is needed, and nobody can be asked for it here.`, EXIT.usage);
    let isMuted = false;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!isMuted) process.stderr.write(chunk);
        done();
      },
    });
    const lines = createInterface({ input: process.stdin, output, terminal: true });
    const answer = lines.question(`${question}: `);
    isMuted = hidden;
    const typed = await answer.finally(() => lines.close());
    if (hidden) process.stderr.write('\n');
    return typed;
  }
}

/** Rows in columns, two spaces apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(plain));
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Names may hold whatever would move the cursor. */
export function plain(words: string): string {
  return words.replace(/\p{Cc}/gu, ' ');
}

/** "2026-11-26 14:05", by the clock of this machine; "" for none. */
export function moment(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
