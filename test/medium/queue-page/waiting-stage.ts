import { readConfig } from '../../../src/common/config/app-config';
import { QueueFiguresRepository } from '../../../src/common/queue/queue-figures.repository';
import type { NewRun, RunnerIdentity } from '../../../src/common/queue/queue-store';
import { Run, RunDetails, RunEvent, Runner } from '../../../src/common/queue/run.entity';
import { RunnersRepository } from '../../../src/common/queue/runners.repository';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import type { Waiting, WaitingLine } from '../../../src/common/waiting/waiting-line';
import { Quota } from '../../../src/common/quotas/quota.entity';
import { Quotas } from '../../../src/common/quotas/quotas';
import { QuotasRepository } from '../../../src/common/quotas/quotas.repository';
import { WaitingLines } from '../../../src/common/waiting/waiting-lines.service';
import { HANDLE } from '../queue/queue-constants';
import { anEnding, QueueStage } from '../queue/queue-stage';

/** A queue on a real database, and the line of those who wait in it as pages read it. */
export class WaitingStage {
  private constructor(readonly queue: QueueStage) {}

  static async open(): Promise<WaitingStage> {
    return new WaitingStage(await QueueStage.open());
  }

  close(): Promise<void> {
    return this.queue.close();
  }

  /** Neither runs nor runners nor turns. */
  async clear(): Promise<void> {
    await this.queue.sql(`UPDATE queue SET state = 'cancelled', finished_ms = 1 WHERE finished_ms IS NULL`);
    for (const table of ['run_events', 'run_details', 'queue', 'runners', 'turns']) await this.queue.sql(`DELETE FROM ${table}`);
  }

  /** A runner of a machine of its own, with four places, four cores, 1 GiB and no GPU. */
  runner(name: string, over: Partial<RunnerIdentity> = {}): Promise<RunnerIdentity> {
    const usual = { host: name, bootId: name, engines: ['process'] as const, slots: 4, remoteSlots: 50, cpu: 4000, memory: 1024 };
    return this.queue.anotherRunner(name, { ...usual, engines: [...usual.engines], ...over });
  }

  ask(over: Partial<NewRun> = {}): Promise<number> {
    return this.queue.enqueue({ ownerId: 'ada', ...over });
  }

  /** Lets the runner take what is next and start it. @returns the runs. */
  async carryOn(runner: RunnerIdentity, most = 1): Promise<Run[]> {
    const claimed = await this.queue.store.claim(runner, most);
    for (const { id, fence } of claimed) await this.queue.store.authorise({ runId: id, fence }, HANDLE);
    return claimed;
  }

  /** A run that this runner carries out. */
  async going(runner: RunnerIdentity, over: Partial<NewRun> = {}): Promise<Run> {
    const id = await this.ask({ ...over, level: -1000 });
    const [run] = await this.carryOn(runner);
    if (run?.id !== id) throw new Error(`took ${run?.id} and not ${id}`);
    return run;
  }

  end({ id, fence }: Pick<Run, 'id' | 'fence'>): Promise<boolean> {
    return this.queue.store.finish({ runId: id, fence }, anEnding('succeeded'));
  }

  /** Runs of that pipeline took so long. */
  async history(pipelineId: string, seconds: number): Promise<void> {
    const runner = await this.runner('historian');
    const run = await this.going(runner, { pipelineId });
    await this.queue.sql('UPDATE queue SET started_ms = started_ms - ? WHERE id = ?', [seconds * 1000, run.id]);
    await this.end(run);
    await this.queue.sql('DELETE FROM runners WHERE name = ?', ['historian']);
    await this.queue.sql('DELETE FROM turns');
  }

  /** As if it had waited for so long. */
  async age(runId: number, seconds: number): Promise<void> {
    await this.queue.sql('UPDATE queue SET available_ms = available_ms - ? WHERE id = ?', [seconds * 1000, runId]);
  }

  /** Reads the line as a page does that nothing has been read for before. */
  async line(settings: Record<string, string> = {}): Promise<WaitingLine> {
    const { dataSource, database } = this.queue;
    const of = dataSource.getRepository.bind(dataSource);
    const config = readConfig({ ...database.environment, ...settings });
    const lines = new WaitingLines(
      new RunsRepository(of(Run), of(RunDetails), of(RunEvent)),
      new RunnersRepository(of(Runner)),
      new QueueFiguresRepository(of(Run), of(Runner)),
      config,
      new Quotas(config, new QuotasRepository(of(Quota))),
    );
    return (await lines.read()).line;
  }

  async waiting(runId: number, settings: Record<string, string> = {}): Promise<Waiting> {
    const waiting = (await this.line(settings)).of(await this.queue.run(runId));
    if (!waiting) throw new Error(`run ${runId} does not wait`);
    return waiting;
  }

  async sentence(runId: number, settings: Record<string, string> = {}): Promise<string> {
    return (await this.waiting(runId, settings)).sentence;
  }
}
