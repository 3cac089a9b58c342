import { Injectable } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { RunResults } from '../show/run-results';

/** Tells when results of a project begin to go. */
@Injectable()
export class FirstDeletion {
  constructor(
    private readonly runs: RunsRepository,
    private readonly results: RunResults,
  ) {}

  /** How many runs nobody keeps, and when the results of the first of them go; null where none go. */
  async of(project: Project): Promise<{ count: number; atMs: number } | null> {
    const unkept = await this.runs.unkeptOf(project.id);
    const atMs = unkept && this.results.deletionMs({ finishedMs: unkept.finishedMs, keep: false, keepUntilMs: null }, project);
    return unkept === null || atMs === null ? null : { count: unkept.count, atMs };
  }
}
