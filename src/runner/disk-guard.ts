import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import { freeSpace } from '../common/files/free-space';
import { Executors } from './executors/executors';

const FRESH_MS = 1000;

/** Keeps new runs waiting while the disks for results and control files, or those of its engines, are almost full. */
@Injectable()
export class DiskGuard {
  private readonly logger = new Logger('Runner');
  private lookedMs = Number.NEGATIVE_INFINITY;
  private hasRoom = true;

  constructor(
    private readonly config: AppConfig,
    private readonly executors: Executors,
  ) {}

  /** Whether FREE_SPACE_RESERVE is free on all of them; looked up at most once a second. */
  async allows(): Promise<boolean> {
    if (performance.now() - this.lookedMs < FRESH_MS) return this.hasRoom;
    const { filesRoot, runsRoot, settings } = this.config;
    const room = Math.min(await freeSpace(filesRoot), await freeSpace(runsRoot), await this.executors.room());
    this.lookedMs = performance.now();
    const hasRoom = room >= settings.FREE_SPACE_RESERVE;
    if (hasRoom !== this.hasRoom) this.tell(hasRoom);
    this.hasRoom = hasRoom;
    return hasRoom;
  }

  private tell(hasRoom: boolean): void {
    if (hasRoom) this.logger.log('There is room on the disk again; runs start.');
    else this.logger.error('The disk is almost full (FREE_SPACE_RESERVE): runs wait until there is room.');
  }
}
