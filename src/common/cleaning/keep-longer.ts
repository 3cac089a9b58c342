import { Injectable } from '@nestjs/common';
import { NEVER_MS } from '../database/never';
import { ProjectsRepository } from '../projects/projects.repository';
import { RunsRepository } from '../queue/runs.repository';
import type { Run } from '../queue/run.entity';
import { RunExpiry } from './run-expiry';

/** For how long something is kept: until a time, for ever, or as long as everything. */
export type KeepWish = { untilMs: number } | 'forEver' | 'asUsual';

export type KeepOutcome = 'kept' | 'let_go' | 'too_late' | 'not_found' | 'not_over';

/** Keeps runs and projects from the cleaner. It is told `too_late` exactly where the cleaner was first: its mark on the row decides. */
@Injectable()
export class KeepLonger {
  constructor(
    private readonly expiry: RunExpiry,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
  ) {}

  /** As long as the settings let an owner; what an administrator allowed beyond that stays. @returns whether it is kept. */
  async keepAsOwner(run: Run): Promise<boolean> {
    const limitMs = this.expiry.ownersLimitMs(run);
    if (limitMs !== null && (run.keep || (run.keepUntilMs ?? 0) >= limitMs)) return run.doomedMs === null;
    return this.runs.keep(run.id, limitMs === null ? { keep: true, untilMs: null } : { keep: false, untilMs: limitMs });
  }

  /** The same for all runs of a project that are over. */
  async keepAllAsOwner(projectId: string): Promise<void> {
    // Of a run that ended at the time 0 the limit is the length.
    await this.runs.keepAll(projectId, this.expiry.ownersLimitMs({ finishedMs: 0 }));
  }

  /** What an administrator decides. */
  async keepRun(runId: number, wish: KeepWish): Promise<KeepOutcome> {
    const run = await this.runs.find(runId);
    if (!run) return 'not_found';
    if (run.finishedMs === null) return 'not_over';
    const untilMs = typeof wish === 'string' ? null : wish.untilMs;
    if (!(await this.runs.keep(runId, { keep: wish === 'forEver', untilMs })))
      return (await this.runs.find(runId)) ? 'too_late' : 'not_found';
    return wish === 'asUsual' ? 'let_go' : 'kept';
  }

  /**
   * Keeps a project: all its runs, also those that are still to come.
   * @returns `tooLate`: of how many runs the removal had begun.
   */
  async keepProject(projectId: string, wish: KeepWish): Promise<{ outcome: 'kept' | 'let_go' | 'not_found'; tooLate: number }> {
    const untilMs = wish === 'asUsual' ? null : wish === 'forEver' ? NEVER_MS : wish.untilMs;
    if (!(await this.projects.keepUntil(projectId, untilMs))) return { outcome: 'not_found', tooLate: 0 };
    // The cleaner marks a run first and looks at its project again afterwards: one of the two sees the other.
    const tooLate = wish === 'asUsual' ? 0 : await this.runs.countDoomed(projectId);
    return { outcome: wish === 'asUsual' ? 'let_go' : 'kept', tooLate };
  }
}
