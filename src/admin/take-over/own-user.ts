import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartupError } from '../../common/errors';
import { EXIT_USAGE } from '../../common/exit-status';

/**
 * What root makes, nobody else may change: folders of people would be closed to the web process, without a word.
 * @param folder DATA_DIR, which belongs to the user of the web process and the runners.
 * @returns the sentence that says so; null where all is well.
 */
export function rootFault(folder: string, uid = process.getuid?.()): string | null {
  const owner = uid === 0 ? ownerOf(folder) : 0;
  if (owner === 0) return null;
  return `This command runs as root, and DATA_DIR (${folder}) belongs to user ${owner}. Run it as that user, as whom the web process and the runners run: sudo -u '#${owner}' node dist/admin take-over …`;
}

/** @throws StartupError where `rootFault` has something to say. */
export function requireOwnUser(folder: string): void {
  const fault = rootFault(folder);
  if (fault !== null) throw new StartupError(fault, EXIT_USAGE);
}

/** Of the folder, or of the nearest one above it that is there. */
function ownerOf(path: string): number {
  return existsSync(path) ? statSync(path).uid : ownerOf(dirname(path));
}
