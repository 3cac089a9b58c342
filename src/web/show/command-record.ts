import type { SafeDirectory } from '../../common/files/safe-directory';
import { NotFoundError } from '../../common/errors';

/** What a run was last started with. */
export interface CommandRecord {
  argv: string[];
  cwd: string;
}

const COMMAND = Buffer.from('command.json');
const MOST_BYTES = 4 * 1024 * 1024;

/** Reads `command.json` among the control files of a run. @returns null while it has not been started. */
export async function readCommand(control: SafeDirectory): Promise<CommandRecord | null> {
  try {
    const { handle, size } = await control.openFile([COMMAND]);
    try {
      const buffer = Buffer.alloc(Math.min(size, MOST_BYTES));
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
