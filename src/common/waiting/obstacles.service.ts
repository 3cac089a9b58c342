import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { Manifest } from '../pipelines/manifest';
import { leastDemandOf } from '../pipelines/needs';
import { engineOf } from '../pipelines/runtime';
import { RunnersRepository, type RunnerStanding } from '../queue/runners.repository';
import { obstacleOf, type Obstacle } from './waiting-reason';

/** Finds the pipelines of which no run would start, whatever is entered and however little else there is to do. */
@Injectable()
export class Obstacles {
  constructor(
    private readonly runners: RunnersRepository,
    private readonly config: AppConfig,
  ) {}

  /** @returns by id of the pipeline; those that some runner takes are missing. */
  async of(manifests: readonly Manifest[]): Promise<Map<string, Obstacle>> {
    const { runners } = await this.runners.all(this.config.settings.RUNNER_STALE);
    return obstaclesAmong(manifests, runners);
  }
}

/** As `Obstacles.of`, for whoever has read the runners already. */
export function obstaclesAmong(manifests: readonly Manifest[], runners: readonly RunnerStanding[]): Map<string, Obstacle> {
  const found = new Map<string, Obstacle>();
  for (const { id, needs, parameters, runtime } of manifests) {
    const obstacle = obstacleOf({ ...leastDemandOf(needs, parameters), engine: engineOf(runtime) }, runners);
    if (obstacle) found.set(id, obstacle);
  }
  return found;
}
