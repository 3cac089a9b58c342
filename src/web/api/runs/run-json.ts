import { Injectable } from '@nestjs/common';
import { RunExpiry } from '../../../common/cleaning/run-expiry';
import { NotFoundError } from '../../../common/errors';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import { isFinal } from '../../../common/queue/run-state';
import { NO_LIMITS } from '../../../common/queue/run-limits';
import type { Run } from '../../../common/queue/run.entity';
import { RunsRepository } from '../../../common/queue/runs.repository';
import { SweepsRepository } from '../../../common/sweeps/sweeps.repository';
import type { User } from '../../../common/users/user.entity';
import type { Situation } from '../../../common/waiting/situation';
import { WaitingLine } from '../../../common/waiting/waiting-line';
import { WaitingLines } from '../../../common/waiting/waiting-lines.service';
import type { RunRow } from '../../queue/run-row';
import { RunRows } from '../../queue/run-rows.service';
import { isoTime, isoTimeOrNull, type RunJson, type RunSummaryJson } from './run-schemas';

/** Writes runs down for programs, with what one person may see of them: the same rows as those of pages. */
@Injectable()
export class RunJsons {
  constructor(
    private readonly rows: RunRows,
    private readonly lines: WaitingLines,
    private readonly runs: RunsRepository,
    private readonly sweeps: SweepsRepository,
    private readonly projects: ProjectsRepository,
    private readonly expiry: RunExpiry,
  ) {}

  /** In the order of the runs. @param known the line in which they wait, where it was read already. */
  async summaries(person: User, runs: readonly Run[], known?: WaitingLine): Promise<RunSummaryJson[]> {
    const rows = await this.rows.withoutValues(person, runs, known ?? (await this.lineFor(runs)));
    return runs.map((run, index) => summaryOf(person, run, rows[index]));
  }

  /** One run for somebody who may read it. @throws NotFoundError when it has gone meanwhile. */
  async whole(person: User, run: Run): Promise<RunJson> {
    const [summary] = await this.summaries(person, [run]);
    const [details, sweep, project] = await Promise.all([
      this.runs.details(run.id),
      this.sweeps.ofRun(run.id),
      this.projects.findById(run.projectId),
    ]);
    if (!summary || !details) throw new NotFoundError('errors.noSuchRun', { number: run.id });
    return {
      ...summary,
      parameters: details.parameters,
      attempt: run.attempt,
      timeLimitSeconds: run.timeLimitSeconds,
      runner: run.runnerName,
      sweep: sweep?.id ?? null,
      keep: run.keep,
      deletionAt: isoTimeOrNull(this.expiry.dueMs(run, project)),
    };
  }

  /** Of what is over nobody asks why it waits. */
  private async lineFor(runs: readonly Run[]): Promise<WaitingLine> {
    return runs.every(({ state }) => isFinal(state)) ? new WaitingLine(NOBODY_WAITS) : (await this.lines.read()).line;
  }

  /** The same for one that was just asked for. @throws NotFoundError when it has gone meanwhile. */
  async byNumber(person: User, id: number): Promise<RunJson> {
    const run = await this.runs.find(id);
    if (!run) throw new NotFoundError('errors.noSuchRun', { number: id });
    return this.whole(person, run);
  }
}

const NOBODY_WAITS: Situation = {
  nowMs: 0,
  queued: [],
  moreQueued: false,
  held: [],
  runners: [],
  limits: NO_LIMITS,
  turns: new Map(),
  hold: null,
  typicalSeconds: new Map(),
};

function summaryOf(person: User, run: Run, row: RunRow): RunSummaryJson {
  const { id, state, sentence, pipeline, mayRead, isMine, progress } = row;
  return {
    id,
    state,
    isFinal: isFinal(state),
    sentence,
    // Of a pipeline of which its reader is not told the name of the folder tells as much as its title.
    pipeline: { id: mayRead ? run.pipelineId : null, title: pipeline },
    project: mayRead && row.projectName !== null ? { id: run.projectId, name: row.projectName } : null,
    requester: isMine ? person.displayName : row.requester,
    isMine,
    progress,
    requestedAt: isoTime(row.requestedMs),
    availableAt: isoTimeOrNull(row.availableMs),
    startsAt: isoTimeOrNull(row.startsMs),
    startedAt: isoTimeOrNull(row.startedMs),
    finishedAt: isoTimeOrNull(row.finishedMs),
    exitCode: mayRead ? run.exitCode : null,
    afterRun: row.afterRun,
  };
}
