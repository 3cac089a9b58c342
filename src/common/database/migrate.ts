import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { createLogger } from '../application';
import { AppConfig } from '../config/app-config';
import { StartupError } from '../errors';
import { DatabaseModule } from './database.module';

/** `node dist/migrate`: applies what is missing, says what it did, and ends. */
export async function migrate(): Promise<void> {
  const context = await NestFactory.createApplicationContext(DatabaseModule, { abortOnError: false, logger: ['warn', 'error'] });
  const logger = createLogger(context.get(AppConfig).settings, 'migrate');
  try {
    const applied = await context.get(DataSource).runMigrations();
    logger.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.map((migration) => migration.name).join(', ')}.`);
  } finally {
    await context.close();
  }
}

/** Refuses to start on a database that lacks tables, rather than failing at the first request. */
export async function assertMigrated(dataSource: DataSource): Promise<void> {
  if (await dataSource.showMigrations())
    throw new StartupError('The database lacks tables of this version. Run "node dist/migrate" first.');
}
