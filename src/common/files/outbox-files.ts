import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { SafeDirectory } from './safe-directory';

/** Name of a run's folder in the outbox. */
export function outboxFolderName(runId: number): string {
  return String(runId);
}

/** `part` while it is being copied, `ready` when it is whole and the end of its run is not written down yet. */
export type CopyStage = 'part' | 'ready';

/** Name of a copy that has no place yet; of each fence of a run there is one at most. */
export function unpublishedName({ id, fence }: { id: number; fence: number }, stage: CopyStage): string {
  return `.${outboxFolderName(id)}.${fence}.${stage}`;
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
  async stateOf(run: { id: number; fence: number }): Promise<OutboxState | null> {
    const directory = this.directory();
    if (!directory) return null;
    if (await directory.exists([Buffer.from(outboxFolderName(run.id))])) return 'there';
    for (const stage of ['part', 'ready'] as const) if (await directory.exists([Buffer.from(unpublishedName(run, stage))])) return 'part';
    return 'none';
  }

  /** Removes the copy of a run. One that has no place yet is removed by the next sweep of a runner, which finds no such run. */
  async remove(runId: number): Promise<void> {
    await this.directory()?.remove([Buffer.from(outboxFolderName(runId))]);
  }

  /** Absolute path of a run's folder, as mails and pages name it; null when no outbox is configured. */
  folderOf(runId: number): string | null {
    const folder = this.config.settings.OUTBOX_DIR;
    return folder === undefined ? null : join(folder, outboxFolderName(runId));
  }
}
