import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { createContext } from '../application';
import { DatabaseModule } from './database.module';

/** `node dist/migrate`: applies what is missing, says what it did, and ends. */
export async function migrate(): Promise<void> {
  const context = await createContext(DatabaseModule, 'migrate');
  try {
    const applied = await context.get(DataSource).runMigrations();
    new Logger('Migrate').log(
      applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.map((one) => one.name).join(', ')}.`,
    );
  } finally {
    await context.close();
  }
}
