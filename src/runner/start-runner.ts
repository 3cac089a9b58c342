import { createContext } from '../common/application';
import { DatabaseHealth } from '../common/database/database-health';
import { Executors } from './executors/executors';
import { OrphanSweep } from './orphan-sweep';
import { RunnerModule } from './runner.module';
import { RunnerService } from './runner.service';

/** Boots the runner and resolves once it looks at the queue. The process ends with status 1 when another one takes its name, with 0 when it is drained. @throws StartupError that says what to change. */
export async function startRunner(): Promise<void> {
  const context = await createContext(RunnerModule, 'runner');
  try {
    await context.get(DatabaseHealth).assertMigrated();
    await context.get(Executors).check();
    const service = context.get(RunnerService);
    await service.start();
    context.get(OrphanSweep).start();
    // An end that whoever watches over this process can see, rather than one that idles for ever.
    void service.replaced.then(() => context.close()).then(() => process.exit(1));
    void service.drained.then(() => context.close()).then(() => process.exit(0));
  } catch (error) {
    await context.close();
    throw error;
  }
}
