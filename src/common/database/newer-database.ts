import type { DataSource } from 'typeorm';
import { StartupError } from '../errors';
import { EXIT_CONFIG } from '../exit-status';

/** Names of the changes that were made to the tables and that this version does not know; the table that records them must be there. */
export async function unknownMigrations(dataSource: DataSource): Promise<string[]> {
  const known = new Set(dataSource.migrations.map(({ name }) => name));
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => name).filter((name) => !known.has(name));
}

/**
 * An older version would write rows that the newer tables refuse, or leave out what the newer version relies on.
 * @throws StartupError for a database of a newer version.
 */
export async function refuseNewerDatabase(dataSource: DataSource): Promise<void> {
  const unknown = await unknownMigrations(dataSource);
  if (unknown.length === 0) return;
  throw new StartupError(
    `This database belongs to a newer version of Showrunner: it has the ${unknown.length === 1 ? 'change' : 'changes'} ${unknown.join(', ')}. ` +
      'Start that version, or restore the backup from before the update with "node dist/restore".',
    EXIT_CONFIG,
  );
}
