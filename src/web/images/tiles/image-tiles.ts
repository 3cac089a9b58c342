import { Injectable, Logger } from '@nestjs/common';
import { Turns } from '../../../common/processes/turns';
import { runImageProgram, type ProcessLimits } from '../image-process';
import type { TileTask } from './tile-program';

const GIGABYTE = 1_000_000_000;
const MOST_WAITING = 256;
/** A first look at a large image in strips reads all of it; a pyramid also writes it. */
const LIMITS: Record<TileTask['kind'], ProcessLimits> = {
  describe: { timeMs: 20_000, memoryBytes: GIGABYTE, urgent: true },
  draft: { timeMs: 120_000, memoryBytes: 1.5 * GIGABYTE, urgent: true },
  pyramid: { timeMs: 900_000, memoryBytes: 1.5 * GIGABYTE },
  boxes: { timeMs: 120_000, memoryBytes: 1.5 * GIGABYTE },
  shapes: { timeMs: 120_000, memoryBytes: 2 * GIGABYTE },
  picture: { timeMs: 30_000, memoryBytes: GIGABYTE },
};

/**
 * Programs that read images for the viewer, a few at a time: what somebody waits for does not wait for what is made in the background.
 */
@Injectable()
export class ImageTiles {
  private readonly logger = new Logger(ImageTiles.name);
  private readonly quick = new Turns(2, MOST_WAITING);
  private readonly slow = new Turns(1, MOST_WAITING);

  /**
   * @param handles file descriptors in the order that the task wants them in; they stay open.
   * @returns false when there is nothing to be had.
   * @throws UnavailableError when too many wait already.
   */
  async run(task: TileTask, handles: number[]): Promise<boolean> {
    const lane = task.kind === 'pyramid' ? this.slow : this.quick;
    const reason = await lane.take(() => runImageProgram('tiles/tile-program', task, handles, LIMITS[task.kind]));
    if (reason !== null) this.logger.debug(`No ${task.kind} of an image: ${reason}`);
    return reason === null;
  }
}
