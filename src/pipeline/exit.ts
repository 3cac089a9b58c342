import { StartupError } from '../common/errors';

/** How the command ends; numbers from 64 on are those of sysexits.h. */
export const EXIT = {
  fine: 0,
  faults: 1,
  failed: 2,
  usage: 64,
  data: 65,
  unavailable: 69,
  taken: 73,
  files: 74,
  interrupted: 130,
} as const;

/** A file of the machine that could not be read or written, in one line; null for what is an error of the program. */
export function fileFailure(error: unknown): StartupError | null {
  const { code, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const place = dest ?? path;
  if (!(error instanceof Error) || code === undefined || place === undefined) return null;
  return new StartupError(`${place} cannot be made or used (${code}). Look at its rights, and at the space on its disk.`, EXIT.files);
}

export function misuse(sentence: string): StartupError {
  return new StartupError(`${sentence} "npm run pipeline -- --help" explains the commands.`, EXIT.usage);
}
