import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { SafeDirectory } from './safe-directory';

/** Name of a run's folder in the outbox. */
export function outboxFolderName(runId: number): string {
  return String(runId);
}

/** Name under which a copy grows until it is complete. */
export function outboxPartName(runId: number): string {
  return `.${outboxFolderName(runId)}.part`;
}

/** How the copy of a run stands: complete, being written (or left behind in the middle), or not there. */
export type OutboxState = 'there' | 'part' | 'none';

/** The outbox: a folder in which results are also left, one folder per run, for people who fetch them with scp. */
@Injectable()
export class OutboxFiles {
  constructor(private readonly config: AppConfig) {}

  /** Null when no outbox is configured. */
  directory(): SafeDirectory | null {
    const folder = this.config.settings.OUTBOX_DIR;
    return folder === undefined ? null : SafeDirectory.open(folder);
  }

  /** How the copy of a run stands; null when no outbox is configured. */
  async stateOf(runId: number): Promise<OutboxState | null> {
    const directory = this.directory();
    if (!directory) return null;
    if (await directory.exists([Buffer.from(outboxFolderName(runId))])) return 'there';
    return (await directory.exists([Buffer.from(outboxPartName(runId))])) ? 'part' : 'none';
  }

  /** Removes the copy of a run, complete or not. */
  async remove(runId: number): Promise<void> {
    for (const name of [outboxFolderName(runId), outboxPartName(runId)]) await this.directory()?.remove([Buffer.from(name)]);
  }

  /** Absolute path of a run's folder, as mails and pages name it; null when no outbox is configured. */
  folderOf(runId: number): string | null {
    const folder = this.config.settings.OUTBOX_DIR;
    return folder === undefined ? null : join(folder, outboxFolderName(runId));
  }
}
