import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { LimitError } from '../errors';
import { freeSpace } from '../files/free-space';
import type { FileTask } from './file-task.entity';
import type { Amounts } from './task-messages';

/** What a task takes from the space of its owner. */
@Injectable()
export class TaskLedger {
  constructor(private readonly config: AppConfig) {}

  /** @returns id of the reservation. @throws LimitError that says what is full. */
  async reserve(task: FileTask, { bytes }: Amounts): Promise<string> {
    const left = (await freeSpace(this.config.filesRoot)) - this.config.settings.FREE_SPACE_RESERVE;
    if (left < bytes) throw new LimitError('projects.noSpace');
    return task.id;
  }
}
