import { Injectable } from '@nestjs/common';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import type { RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import { RunsRepository } from '../../common/queue/runs.repository';

interface RunLine {
  id: number;
  pipelineTitle: string;
  state: RunState;
  progress: number | null;
  /** When it reached this state, as far as that is known; milliseconds since 1970. */
  atMs: number;
}

export interface ProjectRuns {
  /** The latest. */
  runs: RunLine[];
  runCount: number;
  hasFinishedRun: boolean;
  /** The latest runs that were asked for together. */
  sweeps: { id: string; title: string; runCount: number; createdMs: number }[];
}

const LATEST_RUNS = 6;
const LATEST_SWEEPS = 3;

/** The latest runs of a project, for the side of its page. */
@Injectable()
export class ProjectRunsView {
  constructor(
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
    private readonly sweeps: SweepsRepository,
  ) {}

  async of(projectId: string): Promise<ProjectRuns> {
    const [latest, runCount, finished, sweeps] = await Promise.all([
      this.runs.byProject(projectId, LATEST_RUNS),
      this.projectRuns.count(projectId),
      this.projectRuns.latestFinished(projectId),
      this.sweeps.ofProject(projectId, LATEST_SWEEPS),
    ]);
    return {
      runs: latest.map(runLine),
      runCount,
      hasFinishedRun: finished !== null,
      sweeps: sweeps.map(({ id, pipelineTitle, runCount: count, createdMs }) => ({ id, title: pipelineTitle, runCount: count, createdMs })),
    };
  }
}

function runLine(run: Run): RunLine {
  const { id, pipelineTitle, state, progress } = run;
  return { id, pipelineTitle, state, progress, atMs: run.finishedMs ?? run.startedMs ?? run.requestedMs };
}
