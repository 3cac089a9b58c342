import { Logger } from '@nestjs/common';
import { DataSource, type Migration } from 'typeorm';
import { createContext } from '../application';
import { AppConfig } from '../config/app-config';
import { dataSourceOptions } from './data-source';
import { DatabaseModule } from './database.module';
import { refuseNewerDatabase } from './newer-database';

/** A large table is copied for a change of it. */
const MIGRATION_WITHIN_MS = 24 * 3_600_000;

/** `node dist/migrate`: applies what is missing, says what it did, and ends. */
export async function migrate(): Promise<void> {
  const context = await createContext(DatabaseModule, 'migrate');
  try {
    const patient = await new DataSource(dataSourceOptions(context.get(AppConfig), MIGRATION_WITHIN_MS)).initialize();
    const applied = await applyMissing(patient).finally(() => patient.destroy());
    new Logger('Migrate').log(
      applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.map((one) => one.name).join(', ')}.`,
    );
  } finally {
    await context.close();
  }
}

async function applyMissing(dataSource: DataSource): Promise<Migration[]> {
  // Also makes the table in which they are recorded.
  await dataSource.showMigrations();
  await refuseNewerDatabase(dataSource);
  return dataSource.runMigrations();
}
