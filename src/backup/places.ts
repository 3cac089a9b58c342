import { mkdir, readdir } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import type { AppConfig } from '../common/config/app-config';
import { StartupError } from '../common/errors';
import { PARTS } from './backup-record';
import { EXIT_DATA, EXIT_USAGE } from '../common/exit-status';

/** The trees of an installation, by their names in a backup. */
export function treesOf(config: AppConfig): readonly [string, string][] {
  return [
    [PARTS.files, config.filesRoot],
    [PARTS.runs, config.runsRoot],
  ];
}

/** What somebody could delete, or what would be saved into itself. @throws StartupError */
export function refuseToBackUpInto(folder: string, config: AppConfig): void {
  const { PIPELINES_DIR, INBOX_DIR, OUTBOX_DIR } = config.settings;
  const places = { FILES_ROOT: config.filesRoot, RUNS_ROOT: config.runsRoot, PIPELINES_DIR, INBOX_DIR, OUTBOX_DIR };
  for (const [name, place] of Object.entries(places)) {
    const way = place === undefined ? '..' : relative(place, resolve(folder));
    if (way !== '..' && !way.startsWith(`..${sep}`)) throw new StartupError(`Choose a folder outside of ${name}, ${place}.`, EXIT_USAGE);
  }
}

/** Makes the folder where it is missing. @throws StartupError where there is something in it. */
export async function assertEmpty(name: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  if ((await readdir(folder)).length > 0)
    throw new StartupError(`${name}, ${folder}, is not empty. Restore into an empty folder.`, EXIT_DATA);
}
