import { join, resolve } from 'node:path';
import { explainStartFailure } from '../common/application';
import type { AppConfig } from '../common/config/app-config';
import { loadConfig } from '../common/config/config.module';
import { StartupError } from '../common/errors';
import { openRoot } from '../common/files/directory-walk';
import { checkParts, PARTS, readRecord, type BackupRecord } from './backup-record';
import { assertRestorable, loadDatabase } from './database-backup.repository';
import { assertEmpty, treesOf } from './places';
import { checkTree, printList } from './verify';
import { EXIT_USAGE } from '../common/exit-status';

const WITHOUT_DAMAGED = '--without-damaged';

/** `node dist/restore`. @returns the exit status. @throws StartupError with the line to print. */
export async function restoreCommand(words: readonly string[]): Promise<number> {
  const [folder, ...more] = words.filter((word) => word !== WITHOUT_DAMAGED);
  if (folder === undefined || folder.startsWith('-') || more.length > 0) {
    throw new StartupError('restore needs one backup. "node dist/restore --help" explains it.', EXIT_USAGE);
  }
  const config = loadConfig();
  try {
    return await restore(config, resolve(folder), words.includes(WITHOUT_DAMAGED));
  } catch (error) {
    throw explainStartFailure(error, config);
  }
}

/** @param withoutDamaged goes on without what is damaged. @returns the exit status. @throws StartupError with the line to print. */
export async function restore(config: AppConfig, folder: string, withoutDamaged: boolean): Promise<number> {
  const record = await readRecord(folder);
  await checkParts(folder, record);
  await assertRestorable(config, join(folder, PARTS.database));
  for (const [name, root] of treesOf(config)) await assertEmpty(name === PARTS.files ? 'FILES_ROOT' : 'RUNS_ROOT', root);
  const damaged = await restoreTrees(config, folder);
  if (damaged.length > 0) {
    printList(`${damaged.length} damaged or missing in the backup:`, damaged);
    if (!withoutDamaged) {
      const what = 'Nothing was written into the database. Empty FILES_ROOT and RUNS_ROOT, and take another backup';
      throw new StartupError(`${what}, or leave these out with ${WITHOUT_DAMAGED}.`);
    }
  }
  await loadDatabase(config, join(folder, PARTS.database));
  process.stdout.write(`${describe(record)}\n`);
  return damaged.length === 0 ? 0 : 1;
}

async function restoreTrees(config: AppConfig, folder: string): Promise<string[]> {
  const damaged: string[] = [];
  for (const [name, root] of treesOf(config)) {
    const target = await openRoot(root);
    damaged.push(...(await checkTree(folder, name, target).finally(() => target.close())));
  }
  return damaged;
}

function describe({ madeAt, database, files, underWay }: BackupRecord): string {
  const done = `Restored ${database.rows['queue'] ?? 0} runs and ${files} files as of ${madeAt}.`;
  if (underWay.length === 0) return done;
  const numbers = underWay.map((id) => `#${id}`).join(', ');
  return `${done}\nNot over then: ${numbers}. Runners start those that waited, and find out about the others by their control folders.`;
}
