import { Injectable } from '@nestjs/common';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { RunState } from '../../common/queue/run-state';
import type { Run, RunDetails } from '../../common/queue/run.entity';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import { RunsRepository } from '../../common/queue/runs.repository';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import { ChainLines, type ChainLine } from '../chains/chain-lines';
import { scheduleLine, type ScheduleLine } from '../schedules/schedule-line';
import { subjectOf } from '../show/run-subject';

interface RunLine {
  id: number;
  pipelineTitle: string;
  /** Inputs and changed settings; '' for none. */
  subject: string;
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
  /** The latest chains, the newest first. */
  chains: ChainLine[];
  /** What starts by itself, the next first. */
  schedules: Pick<ScheduleLine, 'id' | 'name' | 'sentence' | 'isPaused' | 'nextMs'>[];
}

const LATEST_RUNS = 6;
const LATEST_SWEEPS = 3;
const LATEST_CHAINS = 3;
const MOST_SCHEDULES = 3;

/** The latest runs of a project, for the side of its page. */
@Injectable()
export class ProjectRunsView {
  constructor(
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
    private readonly sweeps: SweepsRepository,
    private readonly schedules: SchedulesRepository,
    private readonly chains: ChainLines,
  ) {}

  async of(projectId: string): Promise<ProjectRuns> {
    const [latest, runCount, finished, sweeps, schedules, chains] = await Promise.all([
      this.runs.byProject(projectId, LATEST_RUNS),
      this.projectRuns.count(projectId),
      this.projectRuns.latestFinished(projectId),
      this.sweeps.ofProject(projectId, LATEST_SWEEPS),
      this.schedules.ofProject(projectId),
      this.chains.ofProject(projectId, LATEST_CHAINS),
    ]);
    const details = await this.projectRuns.detailsOf(latest.map(({ id }) => id));
    return {
      runs: latest.map((run) => runLine(run, details.get(run.id))),
      runCount,
      hasFinishedRun: finished !== null,
      chains,
      schedules: schedules.slice(0, MOST_SCHEDULES).map((schedule) => scheduleLine(schedule, null, '')),
      sweeps: sweeps.map((sweep) => {
        const { id, runCount: count, createdMs } = sweep;
        return { id, title: titleInReadersWords(sweep), runCount: count, createdMs };
      }),
    };
  }
}

function runLine(run: Run, details: RunDetails | undefined): RunLine {
  const { id, state, progress } = run;
  const pipelineTitle = titleInReadersWords(run);
  return { id, pipelineTitle, subject: subjectOf(details), state, progress, atMs: run.finishedMs ?? run.startedMs ?? run.requestedMs };
}
