import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { NotFoundError } from '../errors';
import { formatEntryPath, type EntryPath } from '../files/entry-name';
import { InboxFiles } from '../files/inbox-files';
import type { FoundFile, SafeDirectory } from '../files/safe-directory';
import { InboxUse } from '../inbox/inbox-use';
import { Chore, DAY_MS, NOTHING, type Amount, type Waste } from './chore';
import { text } from '../../locales/text';

const MOST_FILES = 1_000_000;
const DOT = 0x2e;

/**
 * Files of the inbox that have lain there for RETENTION_DAYS: counted from their arrival, since scp and rsync bring old dates along. Inputs
 * of runs that wait or run, what projects link to and what waits to be imported stay, and so does what begins with a dot: the inbox may be somebody's home. Folders
 * stay, those of people above all.
 */
@Injectable()
export class OldInboxFiles extends Chore {
  readonly name = 'inbox files';

  constructor(
    private readonly config: AppConfig,
    private readonly inbox: InboxFiles,
    private readonly use: InboxUse,
  ) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    const directory = this.inbox.directory();
    if (!directory) return;
    const beforeMs = nowMs - this.config.settings.RETENTION_DAYS * DAY_MS;
    for (const { path, size, touchedMs } of await filesIn(directory)) {
      if (touchedMs >= beforeMs || path[0]?.[0] === DOT || (await this.isNeeded(path))) continue;
      yield {
        dueMs: touchedMs + this.config.settings.RETENTION_DAYS * DAY_MS,
        what: `inbox file ${formatEntryPath(path)}`,
        inWords: () => text('operations.goesInbox', { path: formatEntryPath(path) }),
        measure: async () => ({ files: 1, bytes: size }),
        remove: () => this.remove(directory, path, beforeMs),
      };
    }
  }

  private async isNeeded(path: EntryPath): Promise<boolean> {
    return (await this.use.isUsed(path)) || (await this.use.isAwaited(path));
  }

  /** Looked at again: a run may have been asked for since, or the file sent anew. */
  private async remove(directory: SafeDirectory, path: EntryPath, beforeMs: number): Promise<Amount> {
    try {
      const { touchedMs } = await directory.stat(path);
      return touchedMs < beforeMs && !(await this.isNeeded(path)) ? await directory.remove(path) : NOTHING;
    } catch (error) {
      if (error instanceof NotFoundError) return NOTHING;
      throw error;
    }
  }
}

async function filesIn(directory: SafeDirectory): Promise<FoundFile[]> {
  try {
    return (await directory.findFiles([], { most: MOST_FILES })).files;
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}
