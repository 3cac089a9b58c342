import type { DataSource } from 'typeorm';
import { StartupError } from '../errors';

/** Refuses to start on a database that lacks tables, rather than failing at the first request. @throws StartupError */
export async function assertMigrated(dataSource: DataSource): Promise<void> {
  if (await dataSource.showMigrations())
    throw new StartupError('The database lacks tables of this version. Run "node dist/migrate" first.');
}
