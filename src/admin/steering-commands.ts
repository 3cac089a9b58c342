import { Injectable } from '@nestjs/common';
import { StartupError } from '../common/errors';
import { EXIT_DATA } from '../common/exit-status';
import { QueueSteering, type Steering } from '../common/queue/queue-steering';
import type { Side } from '../common/queue/rank-moves';
import { text } from '../locales/text';

const DONE: Record<Exclude<Steering, 'front' | 'cancel'>, (number: number) => string> = {
  back: (number) => `Run #${number} stands at the back of the line now, also behind those that come later.`,
  hold: (number) => `Run #${number} waits until it is let go: node dist/admin release ${number}`,
  release: (number) => `Run #${number} takes part in the queue again, at its old place.`,
};

/** What the page of the queue's order does, from the shell. Each command returns the text to print. */
@Injectable()
export class SteeringCommands {
  constructor(private readonly steering: QueueSteering) {}

  /** @throws StartupError when there is no such run, or it is too late. */
  async steer(steering: keyof typeof DONE, runId: number, reason: string): Promise<string> {
    const { left } = await this.steering.steer(steering, [runId], null, reason);
    if (left.length > 0) throw new StartupError(left[0].sentence, EXIT_DATA);
    return DONE[steering](runId);
  }

  /** @throws StartupError when one of them does not wait. */
  async move(runId: number, side: Side, otherId: number): Promise<string> {
    const fault = await this.steering.moveBeside(runId, otherId, side);
    if (fault !== null) throw new StartupError(fault, EXIT_DATA);
    return text(side === 'before' ? 'operations.movedBefore' : 'operations.movedAfter', { number: runId, other: otherId });
  }

  async holdAll(reason: string): Promise<string> {
    const isNew = await this.steering.holdAll(null, reason);
    return text(isNew ? 'operations.queueHeld' : 'operations.queueHeldAlready');
  }

  async letAllGo(): Promise<string> {
    const isChanged = await this.steering.letAllGo();
    return text(isChanged ? 'operations.queueLetGo' : 'operations.queueLetGoAlready');
  }
}
