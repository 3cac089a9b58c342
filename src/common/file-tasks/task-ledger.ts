import { Injectable } from '@nestjs/common';
import { FileDigests } from '../digests/file-digests';
import { Space, type Amounts } from '../space/space';
import type { FileTask } from './file-task.entity';
import type { WrittenFile } from './task-messages';

/** Long enough for several missed renewals. */
const RESERVED_FOR_MS = 30 * 60_000;
const RENEW_EVERY_MS = 5 * 60_000;

/** What a task takes from the space of its owner, and what is known of the files that it writes. */
@Injectable()
export class TaskLedger {
  private readonly renewedMs = new Map<string, number>();

  constructor(
    private readonly space: Space,
    private readonly digests: FileDigests,
  ) {}

  /** @throws LimitError that says what is full. */
  async reserve(task: FileTask, amounts: Amounts): Promise<void> {
    if (task.kind === 'digest') return;
    await this.space.reserve(task.ownerId, amounts, { id: task.id, projectId: task.projectId, what: task.kind, forMs: RESERVED_FOR_MS });
    this.renewedMs.set(task.id, Date.now());
  }

  /** With each sign of life; does something now and then. @param amounts as they were reserved. */
  async renew(task: FileTask, amounts: Amounts): Promise<void> {
    const renewedMs = this.renewedMs.get(task.id);
    if (renewedMs !== undefined && Date.now() - renewedMs > RENEW_EVERY_MS) await this.reserve(task, amounts);
  }

  /** @param real what the task has written, which is used from now on. */
  async settle({ id }: FileTask, real: Amounts): Promise<void> {
    this.renewedMs.delete(id);
    await this.space.settle(id, real);
  }

  async release({ id }: FileTask): Promise<void> {
    this.renewedMs.delete(id);
    await this.space.release(id);
  }

  remember({ projectId }: FileTask, files: readonly WrittenFile[]): Promise<void> {
    return this.digests.rememberAll(projectId, files);
  }
}
