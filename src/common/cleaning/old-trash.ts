import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { Deletion } from '../trash/deletion.entity';
import { Trash } from '../trash/trash';
import { TrashRepository } from '../trash/trash.repository';
import { Chore, DAY_MS, type Waste } from './chore';
import { sizeOf } from './folder-waste';
import { text } from '../../locales/text';

const MOST_AT_ONCE = 100_000;

/** What people deleted more than TRASH_DAYS ago. */
@Injectable()
export class OldTrash extends Chore {
  readonly name = 'deleted files';

  constructor(
    private readonly config: AppConfig,
    private readonly trash: Trash,
    private readonly rows: TrashRepository,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const deletions = await this.rows.olderThan(nowMs - this.config.settings.TRASH_DAYS * DAY_MS, MOST_AT_ONCE);
    return deletions.map((deletion) => ({
      dueMs: deletion.deletedMs + this.config.settings.TRASH_DAYS * DAY_MS,
      ownerId: deletion.homeId,
      what: describe(deletion),
      inWords: () => inWords(deletion),
      projectId: deletion.projectId,
      measure: () => sizeOf(this.trash.binOf(deletion), []),
      remove: () => this.trash.remove(deletion),
    }));
  }
}

function inWords({ names, entries, byName }: Deletion): string {
  const [name = ''] = names;
  return entries > 1
    ? text('operations.goesTrashOfMany', { name, count: entries - 1, by: byName })
    : text('operations.goesTrash', { name, by: byName });
}

function describe({ names, entries, projectId, byName }: Deletion): string {
  const what = entries > 1 ? `${names[0] ?? ''} and ${entries - 1} more` : (names[0] ?? 'nothing');
  return `${what}, deleted from project ${projectId} by ${byName}`;
}
