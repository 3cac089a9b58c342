import { createContext } from '../common/application';
import { DatabaseHealth } from '../common/database/database-health';
import { StartupError } from '../common/errors';
import { CleanerModule } from './cleaner.module';
import { CleaningService } from './cleaning.service';
import { CleaningSchedule } from './cleaning-schedule';
import { listWaste } from './dry-run';
import { EXIT_USAGE } from '../common/exit-status';

const MODES = ['--dry-run', '--scheduled'];

/**
 * `node dist/cleaner`.
 * @returns the exit status of a single cleaning; nothing when it stays to clean by schedule.
 * @throws StartupError for words that it does not know, or a database without tables.
 */
export async function startCleaner(words: readonly string[]): Promise<number | void> {
  const strange = words.find((word) => !MODES.includes(word));
  if (strange !== undefined) throw new StartupError(`The cleaner does not know "${strange}". Try --help.`, EXIT_USAGE);
  if (words.length > 1) throw new StartupError('Choose one of --dry-run and --scheduled.', EXIT_USAGE);
  const context = await createContext(CleanerModule, 'cleaner');
  try {
    await context.get(DatabaseHealth).assertMigrated();
    if (words[0] === '--scheduled') return context.get(CleaningSchedule).start();
    const cleaning = context.get(CleaningService);
    const status = words[0] === '--dry-run' ? await listWaste(cleaning, process.stdout) : await cleaning.clean();
    await context.close();
    return status;
  } catch (error) {
    await context.close();
    throw error;
  }
}
