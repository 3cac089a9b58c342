import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { AppConfig } from '../../../common/config/app-config';
import { StartupError } from '../../../common/errors';
import { text } from '../../../locales/text';
import type { ContainerMaker } from './container-maker';
import type { Containers } from './containers';
import type { DockerEngine } from './docker-engine';
import { hostPath } from './host-paths';

const LOOK_MS = 250;
const READY_WITHIN_MS = 30_000;

/** Whether an engine can be used, before any run is given to it. */
export class EngineTrial {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly engine: DockerEngine,
    private readonly maker: ContainerMaker,
    private readonly containers: Containers,
    private readonly config: AppConfig,
  ) {}

  /** @throws StartupError when it does not answer for long, or does not find our files. */
  async pass(): Promise<void> {
    for (const deadline = performance.now() + READY_WITHIN_MS; ; await sleep(LOOK_MS)) {
      try {
        const { version, identity } = await this.engine.facts();
        this.logger.log(`Docker ${version} at ${this.engine.address} (${identity.split('@')[1]}).`);
        return await this.trySharedFiles();
      } catch (error) {
        if (error instanceof StartupError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        // After a restart of the machine it may come later than we.
        if (performance.now() > deadline) throw new StartupError(text('docker.notThere', { reason }));
      }
    }
  }

  /** Whether the engine finds our files where we say that they are; nothing is started. */
  private async trySharedFiles(): Promise<void> {
    const { runsRoot, settings } = this.config;
    await mkdir(runsRoot, { recursive: true });
    const folder = await mkdtemp(join(runsRoot, '.trial-'));
    try {
      const found = await this.maker.canSee(folder, await this.containers.names());
      if (!found)
        throw new StartupError(text('docker.pathsUnknown', { folder: runsRoot, seen: hostPath(runsRoot, settings.DOCKER_PATHS) }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
