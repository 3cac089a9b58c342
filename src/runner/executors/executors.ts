import { existsSync } from 'node:fs';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import type { Engine } from '../../common/pipelines/runtime';
import type { Executor } from './executor';
import { DockerExecutor } from './docker/docker-executor';
import { HandoffExecutor } from './handoff/handoff-executor';
import { ProcessExecutor } from './process-executor';
import { SlurmExecutor } from './slurm/slurm-executor';

/** The engines that this runner serves. */
@Injectable()
export class Executors {
  private readonly logger = new Logger('Runner');
  private readonly served: ReadonlyMap<Engine, Executor>;

  constructor({ settings }: AppConfig, process: ProcessExecutor, docker: DockerExecutor, handoff: HandoffExecutor, slurm: SlurmExecutor) {
    const all: Executor[] = [process, docker, handoff, slurm];
    this.served = new Map(
      all.filter(({ engine }) => settings.RUNNER_ENGINES.includes(engine)).map((executor) => [executor.engine, executor]),
    );
  }

  get engines(): Engine[] {
    return [...this.served.keys()];
  }

  /** Those that answer at the moment: only their runs are claimed. */
  get reachable(): Engine[] {
    return this.all()
      .filter(({ isReachable }) => isReachable)
      .map(({ engine }) => engine);
  }

  serves(engine: Engine): boolean {
    return this.served.has(engine);
  }

  /** @throws Error when this runner does not serve the engine; runs of others are never claimed nor taken over. */
  of(engine: Engine): Executor {
    const executor = this.served.get(engine);
    if (!executor) throw new Error(`this runner does not serve the engine ${engine}`);
    return executor;
  }

  all(): Executor[] {
    return [...this.served.values()];
  }

  /** Bytes that are free on the fullest disk of an engine's own. */
  async room(): Promise<number> {
    return Math.min(...(await Promise.all(this.all().map((executor) => executor.room()))));
  }

  /** @throws StartupError of the first engine that does not work. */
  async check(): Promise<void> {
    for (const executor of this.all()) await executor.check();
    if (this.serves('process') && livesInContainer()) {
      this.logger.warn(
        'This runner is in a container: programs of the engine process end when the container stops. Drain the runner before you stop it, so that no run is lost.',
      );
    }
    this.logger.log(`Serves ${this.engines.join(', ')}.`);
  }
}

/** As the Docker Engine and Podman say it to whoever looks. */
function livesInContainer(): boolean {
  return existsSync('/.dockerenv') || existsSync('/run/.containerenv');
}
