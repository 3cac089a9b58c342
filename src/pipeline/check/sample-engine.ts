import { randomUUID } from 'node:crypto';
import { AppConfig } from '../../common/config/app-config';
import type { FactsRepository } from '../../common/database/facts.repository';
import { StartupError } from '../../common/errors';
import type { Engine } from '../../common/pipelines/runtime';
import { DockerEngine } from '../../runner/executors/docker/docker-engine';
import { DockerExecutor } from '../../runner/executors/docker/docker-executor';
import type { Executor } from '../../runner/executors/executor';
import { ProcessExecutor } from '../../runner/executors/process-executor';

/** An engine that runs a sample as a runner would; or a sentence why it cannot be reached from here. */
export type SampleEngine = { executor: Executor; close: () => Promise<void> } | { away: string };

/**
 * The executor that a runner has for this engine, on a folder for control files of its own and without a database.
 * A cluster and a launcher on the host share folders with runners that a sample's folder is none of, so these are not tried.
 */
export async function openEngine(engine: Engine, config: AppConfig, runsRoot: string): Promise<SampleEngine> {
  const own = new AppConfig({ ...config.settings, RUNS_ROOT: runsRoot }, config.database, config.programEnvironment);
  switch (engine) {
    case 'process': {
      const executor = new ProcessExecutor(own);
      return checked(executor, () => executor.onApplicationShutdown());
    }
    case 'docker':
      return openDocker(own);
    case 'handoff':
      return { away: 'A launcher on the host starts this pipeline; that can only be tried by a run.' };
    case 'slurm':
      return { away: 'A cluster runs this pipeline; that can only be tried by a run.' };
  }
}

async function openDocker(config: AppConfig): Promise<SampleEngine> {
  // The trial of a runner waits for an engine that comes later.
  const fault = await new DockerEngine(config.settings.DOCKER_HOST).facts().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (fault !== null) return { away: `Docker does not answer at ${config.settings.DOCKER_HOST}: ${fault}` };
  // All that it asks of the database is the name of the installation, by which its containers are told from others.
  const installation = randomUUID();
  const facts = { installationId: () => Promise.resolve(installation) } as unknown as FactsRepository;
  return checked(new DockerExecutor(config, facts), () => Promise.resolve());
}

async function checked(executor: Executor, close: () => Promise<void>): Promise<SampleEngine> {
  try {
    await executor.check();
    return { executor, close };
  } catch (error) {
    await close();
    if (error instanceof StartupError) return { away: error.message };
    throw error;
  }
}
