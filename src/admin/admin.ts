import { createContext } from '../common/application';
import { DatabaseHealth } from '../common/database/database-health';
import { DomainError, StartupError } from '../common/errors';
import { AdminModule } from './admin.module';
import { parseCommand } from './command-line';
import { EXIT_DATA } from '../common/exit-status';

/** Carries out one command and prints what it did. @param words as typed. @throws StartupError with the line to print. */
export async function admin(words: readonly string[]): Promise<void> {
  const command = parseCommand(words);
  const context = await createContext(AdminModule, 'admin', 'warn');
  try {
    await context.get(DatabaseHealth).assertMigrated();
    process.stdout.write(`${await command(context)}\n`);
  } catch (error) {
    throw error instanceof DomainError ? new StartupError(error.message, EXIT_DATA) : error;
  } finally {
    await context.close();
  }
}
