import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { RunnersRepository, type RunnerStanding } from '../queue/runners.repository';

/** The runners as they stand now. */
@Injectable()
export class LivingRunners {
  constructor(
    private readonly runners: RunnersRepository,
    private readonly config: AppConfig,
  ) {}

  async all(): Promise<RunnerStanding[]> {
    return (await this.runners.all(this.config.settings.RUNNER_STALE)).runners;
  }
}
