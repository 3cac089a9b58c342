import type { SafeDirectory } from '../../common/files/safe-directory';
import { readControlRecord } from './control-record';

/** What a run was last started with. */
export interface CommandRecord {
  argv: string[];
  cwd: string;
}

/** Reads `command.json` among the control files of a run. @returns null while it has not been started. */
export async function readCommand(control: SafeDirectory): Promise<CommandRecord | null> {
  return asRecord(await readControlRecord(control, ['command.json']));
}

function asRecord(value: unknown): CommandRecord | null {
  const { argv, cwd } = (value ?? {}) as Partial<Record<keyof CommandRecord, unknown>>;
  if (!Array.isArray(argv) || typeof cwd !== 'string') return null;
  return { argv: argv.map(String), cwd };
}
