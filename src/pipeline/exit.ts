import { StartupError } from '../common/errors';

/** How the command ends; numbers from 64 on are those of sysexits.h. */
export const EXIT = { fine: 0, faults: 1, failed: 2, usage: 64, data: 65, unavailable: 69, taken: 73, interrupted: 130 } as const;

export function misuse(sentence: string): StartupError {
  return new StartupError(`${sentence} "npm run pipeline -- --help" explains the commands.`, EXIT.usage);
}
