import { Injectable, Logger } from '@nestjs/common';
import { Turns } from '../../common/processes/turns';
import { runImageProgram } from './image-process';

export interface RenderTask {
  /** Longest edge of the result in pixels. */
  most: number;
  /** Whether names say that the values are numbers of objects. */
  labels: boolean;
  /** Small pictures of long lists do not hold up the one that somebody opened. */
  lane: 'view' | 'thumbnail';
}

const LIMITS = { timeMs: 30_000, memoryBytes: 1_500_000_000 };
const MOST_WAITING = 256;
/** Processes at the same time. */
const PLACES = { view: 1, thumbnail: 2 } as const;

/** Turns an image of any kind into one that browsers show, each in a process of its own, a few at a time. */
@Injectable()
export class ImageRenderer {
  private readonly logger = new Logger(ImageRenderer.name);
  private readonly lanes = { view: new Turns(PLACES.view, MOST_WAITING), thumbnail: new Turns(PLACES.thumbnail, MOST_WAITING) };

  /**
   * @param input,output file descriptors; both stay open.
   * @returns false when there is no picture to be had from it.
   * @throws UnavailableError when too many wait already.
   */
  async render(input: number, output: number, { most, labels, lane }: RenderTask): Promise<boolean> {
    const reason = await this.lanes[lane].take(() => runImageProgram('image-worker', { most, labels }, [input, output], LIMITS));
    if (reason !== null) this.logger.debug(`No preview: ${reason}`);
    return reason === null;
  }
}
