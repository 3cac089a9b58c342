import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Space } from '../../common/space/space';

/** How long somebody who asks for a measurement waits for it; what takes longer goes on behind the answer. */
const PATIENCE_MS = 5000;

/** Measures a space because somebody asked for it. */
@Injectable()
export class SpaceMeasuring {
  constructor(private readonly space: Space) {}

  /** @returns whether it is done; it goes on where it is not. */
  measure(ownerId: string): Promise<boolean> {
    const measured = this.space.measure(ownerId).then(() => true);
    return Promise.race([measured, sleep(PATIENCE_MS, false, { ref: false })]);
  }
}
