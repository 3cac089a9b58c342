import type { SafeDirectory } from '../../common/files/safe-directory';
import { NotFoundError } from '../../common/errors';

/** What a run was last started with. */
export interface CommandRecord {
  argv: string[];
  cwd: string;
}

const COMMAND = Buffer.from('command.json');
const MOST_BYTES = 4 * 1024 * 1024;
const SAFE_WORD = /^[\w@%+=:,./-]+$/;
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069\u{FFFD}]/u;

/** Reads `command.json` among the control files of a run. @returns null while it has not been started. */
export async function readCommand(control: SafeDirectory): Promise<CommandRecord | null> {
  try {
    const { handle } = await control.openFile([COMMAND]);
    try {
      const buffer = Buffer.alloc(MOST_BYTES);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return asRecord(JSON.parse(buffer.toString('utf8', 0, bytesRead)));
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Missing before the start, and half written in the instant of it.
    if (error instanceof NotFoundError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function asRecord(value: unknown): CommandRecord | null {
  const { argv, cwd } = (value ?? {}) as Partial<Record<keyof CommandRecord, unknown>>;
  if (!Array.isArray(argv) || typeof cwd !== 'string') return null;
  return { argv: argv.map(String), cwd };
}

/** The arguments as one could type them in a shell, each exactly what the program got. */
export function shellWords(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}

/** One argument, quoted where a shell would read it otherwise; what cannot be seen is written with its number. */
export function shellWord(word: string): string {
  if (SAFE_WORD.test(word)) return word;
  if (!UNPRINTABLE.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = Array.from(word, (character) => (UNPRINTABLE.test(character) ? escapeUnseen(character) : escapeQuoted(character)));
  return `$'${escaped.join('')}'`;
}

function escapeQuoted(character: string): string {
  return character === "'" || character === '\\' ? `\\${character}` : character === '\n' ? '\\n' : character === '\t' ? '\\t' : character;
}

function escapeUnseen(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
