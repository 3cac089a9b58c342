import { Injectable } from '@nestjs/common';
import { repeatWhileBusy } from '../common/database/repeat-while-busy';
import { FileUses } from '../common/files/file-uses';
import { OutboxRepository } from '../common/mail/outbox.repository';
import { isFinal } from '../common/queue/run-state';
import type { Run } from '../common/queue/run.entity';
import { RunsRepository } from '../common/queue/runs.repository';
import { sum, type Amount } from './chore';
import { sizeOf } from './folder-waste';
import { RunPlaces } from './run-places';

/**
 * Everything of an ended run. Files go first and rows last: the row is what names the files, so whatever a crash leaves is found again by
 * the same question; and files can be removed on a disk too full for the database to write.
 */
@Injectable()
export class RunRemoval {
  constructor(
    private readonly runs: RunsRepository,
    private readonly mails: OutboxRepository,
    private readonly places: RunPlaces,
    private readonly uses: FileUses,
  ) {}

  /** Those of some ended runs whose results no run reads that waits or goes on. */
  async unread(runs: readonly Run[]): Promise<Run[]> {
    const read = new Set<Run>();
    for (const id of new Set(runs.map(({ projectId }) => projectId))) {
      const own = new Map(runs.filter(({ projectId }) => projectId === id).map((run) => [this.places.resultsPath(run), run]));
      for (const { path } of await this.uses.usesOf({ id }, [...own.keys()])) read.add(own.get(path)!);
    }
    return runs.filter((run) => !read.has(run));
  }

  async measure(run: Run): Promise<Amount> {
    const { directory, path } = await this.places.results(run);
    return sum([await sizeOf(directory, path), await this.measureOutsideProject(run)]);
  }

  /** Control files and the copy in the outbox. */
  async measureOutsideProject(run: Run): Promise<Amount> {
    return sum(await Promise.all(this.places.outsideProject(run).map(({ directory, path }) => sizeOf(directory, path))));
  }

  /** @param evenIfKept for the space of a guest that goes as a whole. */
  async remove({ id }: Pick<Run, 'id'>, evenIfKept = false): Promise<Amount> {
    // Looked at again: since the list was made its owner may have chosen to keep it, or asked for a run that reads it.
    const run = await this.runs.find(id);
    if (!run || !isFinal(run.state) || (run.keep && !evenIfKept)) return { files: 0, bytes: 0 };
    if ((await this.unread([run])).length === 0) return { files: 0, bytes: 0 };
    const freed: Amount[] = [];
    for (const { directory, path } of [await this.places.results(run), ...this.places.outsideProject(run)])
      freed.push(await directory.remove(path));
    await this.mails.deleteOfRun(id);
    await repeatWhileBusy(() => this.runs.forget(id));
    return sum(freed);
  }
}
