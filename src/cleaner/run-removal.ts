import { Injectable } from '@nestjs/common';
import { repeatWhileBusy } from '../common/database/repeat-while-busy';
import type { EntryPath } from '../common/files/entry-name';
import { FileUses } from '../common/files/file-uses';
import { outboxFolderName, OutboxFiles, unpublishedName } from '../common/files/outbox-files';
import { ProjectFiles } from '../common/files/project-files';
import { RunFolders } from '../common/files/run-folders';
import type { SafeDirectory } from '../common/files/safe-directory';
import { OutboxRepository } from '../common/mail/outbox.repository';
import { isFinal } from '../common/queue/run-state';
import type { Run } from '../common/queue/run.entity';
import { RunsRepository } from '../common/queue/runs.repository';
import { sum, type Amount } from './chore';
import { sizeOf } from './folder-waste';

interface Place {
  directory: SafeDirectory;
  path: EntryPath;
}

/**
 * Everything of an ended run. Files go first and rows last: the row is what names the files, so whatever a crash leaves is found again by
 * the same question; and files can be removed on a disk too full for the database to write.
 */
@Injectable()
export class RunRemoval {
  constructor(
    private readonly runs: RunsRepository,
    private readonly mails: OutboxRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly runFolders: RunFolders,
    private readonly outboxFiles: OutboxFiles,
    private readonly uses: FileUses,
  ) {}

  /** Those of some ended runs whose results no run reads that waits or goes on. */
  async unread(runs: readonly Run[]): Promise<Run[]> {
    const read = new Set<Run>();
    for (const id of new Set(runs.map(({ projectId }) => projectId))) {
      const own = new Map(runs.filter(({ projectId }) => projectId === id).map((run) => [this.projectFiles.resultsPath(run.id), run]));
      for (const { path } of await this.uses.usesOf({ id }, [...own.keys()])) read.add(own.get(path)!);
    }
    return runs.filter((run) => !read.has(run));
  }

  async measure(run: Run): Promise<Amount> {
    const { directory, path } = this.resultsOf(run);
    return sum([await sizeOf(directory, path), await this.measureOutsideProject(run)]);
  }

  /** Control files and the copy in the outbox. */
  async measureOutsideProject(run: Run): Promise<Amount> {
    return sum(await Promise.all(this.outsideProject(run).map(({ directory, path }) => sizeOf(directory, path))));
  }

  /** @param evenIfKept for the space of a guest that goes as a whole. */
  async remove({ id }: Pick<Run, 'id'>, evenIfKept = false): Promise<Amount> {
    // Looked at again: since the list was made its owner may have chosen to keep it, or asked for a run that reads it.
    const run = await this.runs.find(id);
    if (!run || !isFinal(run.state) || (run.keep && !evenIfKept)) return { files: 0, bytes: 0 };
    if ((await this.unread([run])).length === 0) return { files: 0, bytes: 0 };
    const freed: Amount[] = [];
    for (const { directory, path } of [this.resultsOf(run), ...this.outsideProject(run)]) freed.push(await directory.remove(path));
    await this.mails.deleteOfRun(id);
    await repeatWhileBusy(() => this.runs.forget(id));
    return sum(freed);
  }

  private resultsOf(run: Run): Place {
    const project = { id: run.projectId, ownerId: run.ownerId };
    return { directory: this.projectFiles.of(project), path: this.projectFiles.resultsPath(run.id) };
  }

  private outsideProject(run: Run): Place[] {
    const outbox = this.outboxFiles.directory();
    return [
      { directory: this.runFolders.all(), path: [Buffer.from(String(run.id))] },
      ...(outbox
        ? [outboxFolderName(run.id), unpublishedName(run, 'part'), unpublishedName(run, 'ready')].map((name) => ({
            directory: outbox,
            path: [Buffer.from(name)],
          }))
        : []),
    ];
  }
}
