import { createContext } from '../common/application';
import { DatabaseHealth } from '../common/database/database-health';
import { Executor } from './executors/executor';
import { RunnerModule } from './runner.module';
import { RunnerService } from './runner.service';

/** Boots the runner and resolves once it looks at the queue. @throws StartupError that says what to change. */
export async function startRunner(): Promise<void> {
  const context = await createContext(RunnerModule, 'runner');
  try {
    await context.get(DatabaseHealth).assertMigrated();
    await context.get(Executor).check();
    await context.get(RunnerService).start();
  } catch (error) {
    await context.close();
    throw error;
  }
}
