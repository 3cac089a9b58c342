import { Injectable } from '@nestjs/common';
import { isDiskFull } from '../database/disk-full';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { FileUses } from '../files/file-uses';
import { OutboxRepository } from '../mail/outbox.repository';
import { ProjectsRepository } from '../projects/projects.repository';
import { QueueStore } from '../queue/queue-store';
import { isFinal } from '../queue/run-state';
import type { Run } from '../queue/run.entity';
import { RunsRepository } from '../queue/runs.repository';
import { NOTHING, sum, type Amount } from './chore';
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
    private readonly projects: ProjectsRepository,
    private readonly queue: QueueStore,
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
    // Looked at again: since the list was made somebody may have asked for a run that reads it.
    const run = await this.runs.find(id);
    if (!run || !isFinal(run.state) || (await this.unread([run])).length === 0) return NOTHING;
    if (!(await this.mark(run, evenIfKept))) return NOTHING;
    const freed: Amount[] = [];
    for (const { directory, path } of [await this.places.results(run), ...this.places.outsideProject(run)])
      freed.push(await directory.remove(path));
    await this.mails.deleteOfRun(id);
    await repeatWhileBusy(() => this.runs.forget(id));
    return sum(freed);
  }

  /**
   * From here on nobody can keep it; whoever could before is not overlooked. The row decides between the two, and for a project both write
   * first and look at the other's row afterwards. A disk too full for the mark must not keep its room from being made.
   * @returns whether it may go.
   */
  private async mark(run: Run, evenIfKept: boolean): Promise<boolean> {
    try {
      const nowMs = await this.queue.nowMs();
      if (!(await this.runs.doom(run.id, nowMs, evenIfKept))) return false;
      if (evenIfKept || run.doomedMs !== null) return true;
      const project = await this.projects.findById(run.projectId);
      if ((project?.keepUntilMs ?? 0) <= nowMs) return true;
      await this.runs.spare(run.id);
      return false;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      const now = await this.runs.find(run.id);
      const untilMs = Math.max(now?.keepUntilMs ?? 0, (await this.projects.findById(run.projectId))?.keepUntilMs ?? 0);
      return now !== null && (evenIfKept || (!now.keep && untilMs <= Date.now()));
    }
  }
}
