import { Injectable, Logger } from '@nestjs/common';
import { Space } from '../common/space/space';
import { SpaceRowsRepository } from './space-rows.repository';

/** Measures everybody's space anew, one after the other. */
@Injectable()
export class SpaceFigures {
  private readonly logger = new Logger('Cleaner');

  constructor(
    private readonly rows: SpaceRowsRepository,
    private readonly space: Space,
  ) {}

  /** What cannot be measured keeps its older figures; that is no reason for a cleaning to fail. */
  async renew(): Promise<void> {
    for (const ownerId of await this.rows.owners()) {
      try {
        await this.space.measure(ownerId);
      } catch (error) {
        this.logger.warn(`The space of ${ownerId} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
