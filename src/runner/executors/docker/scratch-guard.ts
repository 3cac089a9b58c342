import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { formatBytes } from '../../../browser/amounts';
import { AttemptFiles } from '../attempt-files';
import type { Execution } from '../executor';
import { writeOutgrown } from './attempt-files';
import { hasBegun, isLive, type Inspected } from './container-state';
import { DockerRefusal, ignoreRefusal, type DockerEngine } from './docker-engine';

const LOOK_MS = 15_000;
/** Docker counts file by file: looking takes at most this part of the time. */
const SHARE = 1 / 20;
const LOOK_WITHIN_MS = 5 * 60_000;

/**
 * Ends a program that fills Docker's own disk: what it writes outside of the folders that it was given. Only some storage drivers can
 * hold a container to a size by themselves, and none of them is Docker's default, so its size is looked at now and then.
 */
export class ScratchGuard {
  private readonly logger = new Logger('Runner');

  constructor(private readonly engine: DockerEngine) {}

  /** Looks until the container has ended, is ended, or the signal fires; rejects never. @param key id or name of the container. */
  async watch({ folder, runId }: Execution, key: string, signal: AbortSignal): Promise<void> {
    const { inForce } = await new AttemptFiles(folder).limits().catch(() => ({ inForce: [] }));
    const limit = inForce.find(({ name }) => name === 'scratchBytes')?.amount;
    if (limit === undefined) return;
    for (let pause = LOOK_MS, isOver = false; !isOver;) {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const began = performance.now();
      try {
        isOver = await this.look({ folder, runId }, key, limit, signal);
      } catch (error) {
        if (error instanceof DockerRefusal && error.status === 404) return;
        // An engine that does not answer is told of by those who ask it for the end.
      }
      pause = Math.max(LOOK_MS, (performance.now() - began) / SHARE);
    }
  }

  private async look(
    { folder, runId }: Pick<Execution, 'folder' | 'runId'>,
    key: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    // Given up by us, so that a large container is not taken for an engine that does not answer.
    const end = AbortSignal.any([signal, AbortSignal.timeout(LOOK_WITHIN_MS)]);
    const words = { query: { size: 1 }, signal: end, withinMs: 0 };
    const container = await this.engine.call<Inspected & { SizeRw?: number }>('GET', `/containers/${key}/json`, words);
    if (!isLive(container)) return hasBegun(container);
    const { SizeRw: bytes = 0 } = container;
    if (bytes <= limit) return false;
    this.logger.warn(
      `Run ${runId} keeps ${formatBytes(bytes)} in its container, more than its limit of ${formatBytes(limit)}; it is ended.`,
    );
    await writeOutgrown(folder, { bytes, limit });
    await this.engine.call('POST', `/containers/${container.Id}/kill`).catch(ignoreRefusal);
    return false;
  }
}
