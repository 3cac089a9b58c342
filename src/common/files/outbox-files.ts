import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { SafeDirectory } from './safe-directory';

/** Name of a run's folder in the outbox. */
export function outboxFolderName(runId: number): string {
  return String(runId);
}

/** The outbox: a folder in which results are also left, one folder per run, for people who fetch them with scp. */
@Injectable()
export class OutboxFiles {
  constructor(private readonly config: AppConfig) {}

  /** Null when no outbox is configured. */
  directory(): SafeDirectory | null {
    const folder = this.config.settings.OUTBOX_DIR;
    return folder === undefined ? null : SafeDirectory.open(folder);
  }

  /** Absolute path of a run's folder, as mails and pages name it; null when no outbox is configured. */
  folderOf(runId: number): string | null {
    const folder = this.config.settings.OUTBOX_DIR;
    return folder === undefined ? null : join(folder, outboxFolderName(runId));
  }
}
